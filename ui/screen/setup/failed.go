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
	s := newNotice(o)
	say := s.speech.Say
	texts := []string{say(lang.WindowRecorder), say(lang.WindowNoReport)}
	if report != "" {
		texts = []string{texts[0], say(lang.WindowReport, ""), report}
	}
	return s.notice(say(lang.WindowFailed, crashes), append(texts, say(lang.SafetyNotice)), lang.WindowAgain, again, end)
}

// NewStuck is the page of a window that cannot begin, and why.
func NewStuck(o Options, why error, again, end func()) *Screen {
	s := newNotice(o)
	texts := strings.SplitAfter(reason(why), ". ")
	return s.notice(s.speech.Say(lang.StartFailed), append(texts, s.speech.Say(lang.SafetyNotice)), lang.StartAgain, again, end)
}

func newNotice(o Options) *Screen {
	s := &Screen{o: o, speech: &lang.Speech{Language: o.Language}}
	s.begin()
	return s
}

func (s *Screen) notice(head string, texts []string, way lang.Key, again, end func()) *Screen {
	c := &choice{s: s, head: head}
	body, set := ambulance.Lines(len(texts), theme.Body)
	set(texts...)
	c.words = s.sheet(c, 0, body, nil, widget.NewWide(s.speech.Say(lang.WindowClose), end), widget.NewPrimary(s.speech.Say(way), again))
	return s
}
