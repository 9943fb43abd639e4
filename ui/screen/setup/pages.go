package setup

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/ui/lang"
	"fieldkit/ui/screen/ambulance"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// choice is a page of a few big buttons.
type choice struct {
	s          *Screen
	words      *words
	head, text string
	tick       func(now time.Time)
}

func (c *choice) show(now time.Time) {
	text := c.text
	if c.s.says != "" {
		text = c.s.says
	}
	c.words.say(c.head, text)
	if c.tick != nil {
		c.tick(now)
	}
}

// offer is one of the buttons.
type offer struct {
	text, second string
	chosen       bool
	do           func()
}

func (s *Screen) choose(step int, head, text string, back func(), offers ...offer) *choice {
	c := &choice{s: s, head: head, text: text}
	var cells []fyne.CanvasObject
	for _, o := range offers {
		b := widget.NewButton(o.text, func() {
			if !s.busy {
				s.says = ""
				o.do()
			}
		})
		b.Say(o.text, o.second)
		b.Choose(o.chosen)
		cells = append(cells, b)
	}
	var row []fyne.CanvasObject
	if back == nil { // a row without a button would look like one that is missing
		row = append(row, widget.NewPrimary(s.speech.Say(lang.SetupNext), s.askKind))
	}
	body := fyne.CanvasObject(container.New(ambulance.Grid(len(offers), 1), cells...))
	if back == nil {
		notice, set := ambulance.Lines(1, theme.Body)
		c.tick = func(time.Time) { set(s.speech.Say(lang.SafetyNotice)) }
		body = container.New(ambulance.Beneath(), notice, body)
	}
	c.words = s.sheet(c, step, body, back, row...)
	return c
}

func (s *Screen) askLanguage() {
	var offers []offer
	for _, l := range lang.Languages {
		second := ""
		if !l.Reviewed() {
			second = (&lang.Speech{Language: l}).Say(lang.NotReviewed)
		}
		offers = append(offers, offer{l.Name(), second, l == s.speech.Language, func() {
			s.speech.Language = l
			if s.o.OnLanguage != nil {
				s.o.OnLanguage(l)
			}
			s.askLanguage()
		}})
	}
	say := s.speech.Say
	s.choose(1, say(lang.SetupWelcome), say(lang.SetupNoStation), nil, offers...)
}

// kinds are those that there are screens for. A kiosk is not offered yet.
var kinds = [...]struct {
	name      string
	text, why lang.Key
}{
	{"ambulance", lang.SetupAmbulance, lang.SetupRides}, {"clinic", lang.SetupClinic, lang.SetupQueues}, {"hospital", lang.SetupHospital, lang.SetupReceives},
}

func (s *Screen) askKind() {
	say := s.speech.Say
	var offers []offer
	for _, k := range kinds {
		offers = append(offers, offer{say(k.text), say(k.why), s.plan.Kind == k.name, func() { s.plan.Kind = k.name; s.askCallSign() }})
	}
	s.choose(2, say(lang.SetupKind), say(lang.SetupKindLater), s.askLanguage, offers...)
}

// The most that is written, in characters.
const (
	nameMost       = 40
	passphraseMost = 200
	invitationMost = 2000
)

func (s *Screen) askCallSign() {
	s.write(3, lang.SetupCallSign, lang.SetupCallSignEg, s.plan.CallSign, nameMost, false, s.askKind, func(text string) {
		s.plan.CallSign = text
		s.askSite()
	})
}

func (s *Screen) askSite() {
	s.write(4, lang.SetupSite, lang.SetupSiteWhy, s.plan.Site, nameMost, true, s.askCallSign, func(text string) {
		s.plan.Site = text
		s.askPassphrase()
	})
}

func (s *Screen) askPassphrase() {
	s.plan.Passphrase = ""
	s.keepSecret(5, lang.SetupPassphrase, lang.SetupPassWhy, s.askSite, func(text string) {
		if err := s.maker.CheckPassphrase(text); err != nil {
			s.failed(err)
			return
		}
		s.plan.Passphrase = text
		s.askAgain()
	})
}

func (s *Screen) askAgain() {
	s.keepSecret(6, lang.SetupAgain, lang.SetupAgainWhy, s.askPassphrase, func(text string) {
		if strings.Join(strings.Fields(text), " ") != strings.Join(strings.Fields(s.plan.Passphrase), " ") {
			s.askPassphrase()
			s.says = s.speech.Say(lang.SetupDiffer)
			return
		}
		s.askTeam()
	})
}

func (s *Screen) askTeam() {
	say := s.speech.Say
	s.plan.Team, s.plan.Invitation = "", ""
	s.choose(7, say(lang.SetupTeam), "", s.askPassphrase,
		offer{say(lang.SetupJoin), say(lang.SetupJoinWhy), false, s.askInvitation},
		offer{say(lang.SetupBegin), say(lang.SetupBeginWhy), false, s.askTeamName})
}

func (s *Screen) askTeamName() {
	s.write(8, lang.SetupTeamName, lang.SetupTeamNameWhy, s.plan.Team, nameMost, false, s.askTeam, func(text string) {
		s.plan.Team = text
		s.build(s.askTeamName)
	})
}

func (s *Screen) askInvitation() {
	say := s.speech.Say
	c := s.choose(8, say(lang.SetupInvite), say(lang.SetupInviteWhy), s.askTeam,
		offer{say(lang.SetupPicture), "", false, s.askPicture},
		offer{say(lang.SetupPaste), "", false, func() {
			text := ""
			if s.o.Clipboard != nil {
				text = strings.TrimSpace(s.o.Clipboard())
			}
			if text == "" {
				s.says = say(lang.SetupNotPasted)
				return
			}
			s.invited(text)
		}},
		offer{say(lang.SetupType), "", false, func() {
			s.write(8, lang.SetupInvite, lang.SetupInviteWhy, "", invitationMost, false, s.askInvitation, s.invited)
		}})
	c.show(s.o.Clock())
}

// invited takes an invitation's text.
func (s *Screen) invited(text string) {
	team, err := s.maker.Team(text)
	if err != nil {
		s.failed(err)
		return
	}
	s.plan.Invitation, s.team = text, team
	s.build(s.askInvitation)
}

// picturesPerPage is how many pictures one page offers.
const picturesPerPage = 6

func (s *Screen) askPicture() {
	var found []Picture
	s.apart(func(ctx context.Context) (err error) {
		found, err = s.maker.Pictures(ctx)
		return err
	}, func(err error) {
		s.choosePicture(found, 0)
		if err != nil {
			s.failed(err)
		}
	})
}

func (s *Screen) choosePicture(found []Picture, at int) {
	say := s.speech.Say
	c := &choice{s: s, head: say(lang.SetupPictures), text: say(lang.SetupPicturesWhy)}
	if len(found) == 0 {
		c.text = say(lang.SetupNoPictures)
	}
	var cells []fyne.CanvasObject
	for _, p := range found[at:min(len(found), at+picturesPerPage)] {
		b := widget.NewButton("", func() {
			var text string
			s.says = ""
			s.apart(func(ctx context.Context) (err error) {
				text, err = s.maker.Read(ctx, p)
				return err
			}, func(err error) {
				if err != nil {
					s.failed(err)
					return
				}
				s.invited(text)
			})
		})
		b.Say(p.Name, p.At.Local().Format("2006-01-02 15:04"))
		cells = append(cells, b)
	}
	next := widget.NewWide(say(lang.NextPage), func() {
		if at += picturesPerPage; at >= len(found) {
			at = 0
		}
		s.choosePicture(found, at)
	})
	pages := max(1, (len(found)+picturesPerPage-1)/picturesPerPage)
	next.Say(say(lang.NextPage), say(lang.PageOf, at/picturesPerPage+1, pages))
	next.Disable(pages == 1)
	c.words = s.sheet(c, 8, container.New(ambulance.Grid(2, picturesPerPage/2), cells...), s.askInvitation, next)
}

// build makes the station aside and shows what is shown once.
func (s *Screen) build(back func()) {
	s.wait(lang.SetupMaking)
	plan := s.plan
	s.apart(func(ctx context.Context) (err error) {
		s.made, err = s.maker.Make(ctx, plan)
		return err
	}, func(err error) {
		if err != nil {
			back()
			s.failed(err)
			return
		}
		s.says = ""
		if s.made.Recovery != "" {
			s.showRecovery(back)
			return
		}
		if err := s.showAnswer(); err != nil {
			back()
			s.failed(err)
		}
	})
}

// wait is a page on which nothing can be done.
func (s *Screen) wait(what lang.Key) {
	c := &choice{s: s, head: s.speech.Say(what)}
	s.says = ""
	c.words = s.sheet(c, steps, container.NewWithoutLayout(), nil)
}

// paperText is how large words are that are copied or compared.
const paperText = 38

// wordsPerLine is how many of the recovery words stand on a line of the paper.
const wordsPerLine = 6

func (s *Screen) showRecovery(back func()) {
	say := s.speech.Say
	var lines []string
	for all := strings.Fields(s.made.Recovery); len(all) > 0; all = all[min(len(all), wordsPerLine):] {
		lines = append(lines, strings.Join(all[:min(len(all), wordsPerLine)], "   "))
	}
	body, set := ambulance.Lines(len(lines), paperText)
	c := &choice{s: s, head: say(lang.SetupRecovery), text: say(lang.SetupRecoveryWhy, s.plan.Team)}
	hold := widget.NewHold(say(lang.SetupHoldWritten), nil)
	hold.OnHeld = func() { s.keep(func() { s.showRecovery(back) }) }
	c.tick = func(now time.Time) { set(lines...); hold.Tick(now) }
	c.words = s.sheet(c, steps, body, back, hold)
}

func (s *Screen) showAnswer() error {
	say := s.speech.Say
	code, err := widget.NewCode(s.made.Answer, say(lang.SetupSixWhy))
	if err != nil {
		return err
	}
	six := strings.Fields(s.made.Words)
	lines, set := ambulance.Lines(len(six)+1, paperText)
	c := &choice{s: s, head: say(lang.SetupSix), text: say(lang.SetupSixWhy)}
	hold := widget.NewHold(say(lang.SetupHoldSame), nil)
	hold.OnHeld = func() {
		s.keep(func() {
			if err := s.showAnswer(); err != nil {
				s.failed(err)
			}
		})
	}
	c.tick = func(now time.Time) {
		set(append([]string{say(lang.SetupJoining, s.team)}, six...)...)
		hold.Tick(now)
	}
	different := widget.NewWide(say(lang.SetupDifferent), func() {
		s.askInvitation()
		s.says = say(lang.SetupDifferWhy)
	})
	c.words = s.sheet(c, steps, container.New(beside{}, code, lines), s.askInvitation, different, hold)
	return nil
}

// keep puts the station in place and starts it.
func (s *Screen) keep(back func()) {
	s.wait(lang.SetupStarting)
	plan := s.plan
	s.apart(func(ctx context.Context) error { return s.maker.Keep(ctx, plan) }, func(err error) {
		if err != nil {
			back()
			s.failed(err)
			return
		}
		s.plan, s.made, s.done = Plan{}, Made{}, true
		if s.o.OnDone != nil {
			s.o.OnDone()
		}
	})
}

// beside lays a square to the left of the rest.
type beside struct{}

// MinSize implements [fyne.Layout].
func (beside) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(400, 200) }

// Layout implements [fyne.Layout].
func (beside) Layout(o []fyne.CanvasObject, size fyne.Size) {
	side := min(size.Height, size.Width/2)
	o[0].Move(fyne.NewPos(0, (size.Height-side)/2))
	o[0].Resize(fyne.NewSize(side, side))
	x := side + theme.MM(5)
	o[1].Move(fyne.NewPos(x, theme.MM(3)))
	o[1].Resize(fyne.NewSize(size.Width-x, size.Height-theme.MM(3)))
}
