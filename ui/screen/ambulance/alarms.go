package ambulance

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"fieldkit/triage/alarm"
	"fieldkit/triage/chart"
	"fieldkit/triage/score/charted"
	"fieldkit/triage/vital"
	"fieldkit/ui"
	"fieldkit/ui/lang"
)

// A standing alarm is one to be shown: the station's, or this window's own about
// the station, the disk, the sound and other patients.
type standing struct {
	ui.Alarm
	own     bool
	call    chart.Ref // what somebody tells the crew: no alarm, and nothing is wrong with the station
	about   concern   // of an own one that stands by itself
	paused  bool      // it makes no sound
	ofOther bool      // of a patient who is not on screen
}

// A concern is what an own alarm is about, whatever its words.
type concern struct {
	what string
	of   chart.ID // the encounter it is about, zero when that is the station
}

// silence is the concern that nothing comes of a patient.
func silence(of chart.ID) concern { return concern{"silent", of} }

// canSee reports whether somebody can say from here that they have seen it.
func (a standing) canSee() bool { return !a.Acknowledged && !a.ofOther }

// A fault is something that was not recorded, until a person has seen it.
type fault struct{ text string }

// alarms are all that stand for the patient on screen, the most urgent first, and
// the worst of each other patient here.
func (s *Screen) alarms(now time.Time) []standing {
	var all []standing
	own := func(p alarm.Priority, about concern, text string) {
		a := ui.Alarm{Priority: p, Technical: true, Text: text, Acknowledged: about != concern{} && s.sawOwn(now, about)}
		all = append(all, standing{Alarm: a, own: true, about: about})
	}
	for _, f := range s.faults {
		own(alarm.High, concern{}, f.text)
	}
	bed := s.bed()
	switch {
	case s.gone != nil && now.Sub(s.goneSince) >= ui.SilentAfter:
		own(alarm.High, concern{what: "gone"}, s.speech.Say(lang.RecorderSilent, s.speech.Age(now.Sub(s.goneSince))))
	case s.station.Locked:
		own(alarm.High, concern{what: "locked"}, s.speech.Say(lang.LockedNothingRecorded))
	case bed != nil && bed.Heard() && bed.Silent(now) >= ui.SilentAfter:
		own(alarm.High, silence(s.on), s.speech.Say(lang.NoDataFor, s.speech.Age(bed.Silent(now))))
	}
	if s.voice != nil {
		if why := s.voice.Silent(); why != nil {
			own(alarm.Medium, concern{what: "voice"}, s.speech.Say(lang.NoSound, reason(why)))
		}
	}
	if s.unread != nil && s.gone == nil {
		own(alarm.Medium, concern{what: "unread"}, s.speech.Say(lang.RecordNotRead, reason(s.unread)))
	}
	if len(s.station.Trouble) > 0 && s.gone == nil {
		own(alarm.Medium, concern{what: s.station.Trouble[0]}, s.station.Trouble[0])
	}
	if bed != nil {
		for _, a := range bed.Alarms {
			paused := s.quiet(now, s.on, a)
			a.Text = s.speech.Condition(a.Text)
			all = append(all, standing{Alarm: a, paused: paused})
		}
	}
	all = append(all, s.others(now)...)
	all = append(all, s.calls()...)
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

// others are the worst alarms of the patients who are not on screen and that nobody
// has acknowledged, under their names: of each patient the worst whose sound is not
// paused, if there is one. They are acknowledged on their own pages.
func (s *Screen) others(now time.Time) []standing {
	var out []standing
	for id, bed := range s.beds {
		if id == s.on || !bed.Heard() {
			continue
		}
		waiting := bed.Alarms // the most urgent first, what is acknowledged last
		if i := slices.IndexFunc(waiting, func(a ui.Alarm) bool { return a.Acknowledged }); i >= 0 {
			waiting = waiting[:i]
		}
		if len(waiting) == 0 {
			continue
		}
		a := waiting[max(0, slices.IndexFunc(waiting, func(a ui.Alarm) bool { return !s.quiet(now, id, a) }))]
		who := bed.Tag
		if row, ok := s.row(id); ok {
			who = s.who(row)
		}
		paused := s.quiet(now, id, a)
		a.Text = s.speech.Say(lang.AlarmOfOther, who, s.speech.Condition(a.Text))
		out = append(out, standing{Alarm: a, paused: paused, ofOther: true})
	}
	slices.SortFunc(out, func(x, y standing) int { return strings.Compare(x.Text, y.Text) })
	return out
}

// limits says whose limits a patient is watched with, where they are not an adult's by a
// known age: what is calm with one band's limits is not with another's.
func (s *Screen) limits(row chart.Row, now time.Time) string {
	if row.Encounter == (chart.ID{}) {
		return ""
	}
	months, known := charted.Months(row.Who, now)
	if !known {
		return s.speech.Say(lang.LimitsAdult)
	}
	switch band := strings.TrimPrefix(alarm.ForAge(months).ID, "child-"); {
	case strings.HasSuffix(band, "m"):
		return s.speech.Say(lang.LimitsChild, strings.TrimSuffix(band, "m"), s.speech.Say(lang.Months))
	case strings.HasSuffix(band, "y"):
		return s.speech.Say(lang.LimitsChild, strings.TrimSuffix(band, "y"), s.speech.Say(lang.Years))
	}
	return ""
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
// go at once and the others of its own rest; the station's alarms change when the station says so, never before.
func (s *Screen) acknowledge() {
	if s.heed() {
		return // of what stands behind it nobody has seen anything
	}
	s.see(s.clock())
	s.faults = nil
	of := s.on
	bed := s.bed()
	if bed == nil || !slices.ContainsFunc(bed.Alarms, func(a ui.Alarm) bool { return !a.Acknowledged }) {
		return
	}
	live := bed.Alarms // as they stand when the person says so; never changed in place
	if s.locked() {
		s.do(s.speech.Say(lang.Acknowledge), s.desk.AcknowledgeShown)
		return
	}
	s.do(s.speech.Say(lang.Acknowledge), func(ctx context.Context) error {
		entries, err := s.desk.Entries(ctx, of)
		if err != nil {
			return err
		}
		refs := unseenEntries(live, of, entries)
		if len(refs) == 0 {
			return errors.New("the station has not written these alarms down yet. Try again in a second")
		}
		_, err = s.desk.Record(ctx, ui.Draft{Encounter: of, Content: &chart.AlarmAcknowledged{Of: refs}})
		return err
	})
}

// unseenEntries are the entries that raised what stands live and unacknowledged, told
// by the condition's words. The record cannot say what sounds: an acknowledged alarm
// sounds again after a time or when it is worse, and one of high priority goes on when
// it is cleared. Of a condition the latest entry is the one; where several monitors
// alarm of it, as many as stand and all that are not cleared. Those both cleared and
// acknowledged come last.
func unseenEntries(live []ui.Alarm, encounter chart.ID, entries []chart.Entry) []chart.Ref {
	stand, unseen := map[string]int{}, map[string]bool{}
	for _, a := range live {
		stand[a.Text]++
		unseen[a.Text] = unseen[a.Text] || !a.Acknowledged
	}
	fold := chart.NewFold(encounter)
	fold.Add(entries...)
	alarms := fold.Chart().Alarms()
	slices.Reverse(alarms)
	done := func(a chart.AlarmView) bool { return a.State() == chart.AlarmOver }
	slices.SortStableFunc(alarms, func(a, b chart.AlarmView) int {
		switch {
		case done(a) == done(b):
			return 0
		case done(a):
			return 1
		}
		return -1
	})
	var refs []chart.Ref
	for _, a := range alarms {
		condition := a.Raised.Content.(*chart.AlarmRaised).Condition
		if unseen[condition] && (stand[condition] > 0 || len(a.Cleared) == 0) {
			stand[condition]--
			refs = append(refs, a.Raised.Ref)
		}
	}
	return refs
}
