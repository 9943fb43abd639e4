package setup

import (
	"strings"

	"fieldkit/ui/lang"
	"fieldkit/ui/screen/ambulance"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// NewFailed is the page of a window that failed so many times that it is not opened
// again by itself: it says that the recorder goes on, and lets a person decide. report
// is the last report's file, "" when there is none.
func NewFailed(o Options, crashes int, report string, again, end func()) *Screen {
	s := &Screen{o: o, speech: &lang.Speech{Language: o.Language}}
	s.begin()
	say := s.speech.Say
	c := &choice{s: s, head: say(lang.WindowFailed, crashes)}
	texts := []string{say(lang.WindowRecorder), say(lang.WindowNoReport), "", say(lang.SafetyNotice)}
	if report != "" {
		texts[1], texts[2] = strings.TrimSuffix(strings.TrimSpace(say(lang.WindowReport, "")), ":")+":", report
	}
	body, set := ambulance.Lines(len(texts), theme.Body)
	set(texts...)
	c.words = s.sheet(c, 0, body, nil, widget.NewWide(say(lang.WindowClose), end), widget.NewPrimary(say(lang.WindowAgain), again))
	return s
}
