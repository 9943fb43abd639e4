package ambulance

import (
	"testing"

	"fieldkit/ui/lang"
	"fieldkit/ui/rehearsal"
)

// A tablet that was made a station by touch has a passphrase of words, and no keyboard.
func TestAPassphraseIsWrittenByTouchToo(t *testing.T) {
	r := crew(t)
	r.tap(r.station.SignedIn)
	r.ask()
	write := func(text string) {
		r.tap(r.say(lang.SignIn))
		r.tap(r.say(lang.LettersKey))
		for _, c := range text {
			switch {
			case c == ' ':
				r.tap(r.say(lang.SetupSpace))
			case c >= '0' && c <= '9':
				r.tap("123")
				r.tap(string(c))
				r.tap("abc")
			default:
				r.tap(string(c))
			}
		}
		if r.reads(text) {
			t.Fatal("what is written can be read")
		}
		r.tap(r.say(lang.SignIn))
		r.settle()
		r.ask()
	}
	write("five words that are wrong")
	if !r.locked() {
		t.Fatal("a wrong passphrase opens the screen")
	}
	r.tap(r.say(lang.BackToMonitor))
	write(rehearsal.PIN)
	if r.locked() {
		t.Error("the right one does not open it")
	}
}
