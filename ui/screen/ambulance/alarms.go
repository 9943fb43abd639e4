package ambulance

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/ui"
	"fieldkit/ui/lang"
)

// A standing alarm is one to be shown: the station's, or this window's own about
// the station and the disk.
type standing struct {
	ui.Alarm
	own bool
}

// A fault is something that was not recorded, until a person has seen it.
type fault struct{ text string }

// alarms are all that stand for the patient on screen, the most urgent first.
func (s *Screen) alarms(now time.Time) []standing {
	var all []standing
	own := func(p alarm.Priority, text string) {
		all = append(all, standing{ui.Alarm{Priority: p, Technical: true, Text: text}, true})
	}
	for _, f := range s.faults {
		own(alarm.High, f.text)
	}
	bed := s.bed()
	switch {
	case s.gone != nil && now.Sub(s.goneSince) >= ui.SilentAfter:
		own(alarm.High, s.speech.Say(lang.RecorderSilent, s.speech.Age(now.Sub(s.goneSince))))
	case s.station.Locked:
		own(alarm.High, s.speech.Say(lang.LockedNothingRecorded))
	case bed != nil && bed.Heard() && bed.Silent(now) >= ui.SilentAfter:
		own(alarm.High, s.speech.Say(lang.NoDataFor, s.speech.Age(bed.Silent(now))))
	}
	if s.unread != nil && s.gone == nil {
		own(alarm.Medium, s.speech.Say(lang.RecordNotRead, reason(s.unread)))
	}
	if len(s.station.Trouble) > 0 && s.gone == nil {
		own(alarm.Medium, s.station.Trouble[0])
	}
	if bed != nil {
		for _, a := range bed.Alarms {
			a.Text = s.speech.Condition(a.Text)
			all = append(all, standing{a, false})
		}
	}
	slices.SortStableFunc(all, func(a, b standing) int {
		if a.Acknowledged != b.Acknowledged {
			if a.Acknowledged {
				return 1
			}
			return -1
		}
		return int(b.Priority) - int(a.Priority)
	})
	return all
}

// alarmOf is the worst alarm about one of the signs.
func alarmOf(bed *ui.Bed, signs []vital.Sign) (p alarm.Priority, seen bool) {
	for _, a := range bed.Alarms {
		about := slices.ContainsFunc(signs, func(s vital.Sign) bool { return strings.HasPrefix(a.Text, s.Info().Label+" ") })
		if about && a.Priority > p {
			p, seen = a.Priority, a.Acknowledged
		}
	}
	return p, seen
}

// acknowledge says that a person has seen all that stands. The window's own faults
// go at once; the station's alarms change when the station says so, never before.
func (s *Screen) acknowledge() {
	s.faults = nil
	of := s.on
	bed := s.bed()
	if bed == nil || !slices.ContainsFunc(bed.Alarms, func(a ui.Alarm) bool { return !a.Acknowledged }) {
		return
	}
	s.do(s.speech.Say(lang.Acknowledge), func(ctx context.Context) error {
		entries, err := s.desk.Entries(ctx, of)
		if err != nil {
			return err
		}
		refs := openAlarms(of, entries)
		if len(refs) == 0 {
			return errors.New("the station has not written these alarms down yet. Try again in a second")
		}
		_, err = s.desk.Record(ctx, ui.Draft{Encounter: of, Content: &chart.AlarmAcknowledged{Of: refs}})
		return err
	})
}

// openAlarms are the alarms on record that are neither over nor acknowledged.
func openAlarms(encounter chart.ID, entries []chart.Entry) []chart.Ref {
	fold := chart.NewFold(encounter)
	fold.Add(entries...)
	var refs []chart.Ref
	for _, a := range fold.Chart().Alarms() {
		if len(a.Acknowledged) == 0 && len(a.Cleared) == 0 {
			refs = append(refs, a.Raised.Ref)
		}
	}
	return refs
}
