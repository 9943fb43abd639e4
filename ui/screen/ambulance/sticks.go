package ambulance

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"fieldkit/ui"
	"fieldkit/ui/lang"
	"fieldkit/ui/theme"
	"fieldkit/ui/widget"
)

// sticks is the page that writes a backup to a stick.
type sticks struct {
	s      *Screen
	root   *fyne.Container
	words  *lines
	cells  []*widget.Button
	found  []ui.Stick
	chosen int
	write  *widget.Hold
	says   string
	busy   bool
	asking bool
	asked  time.Time
}

const (
	// sticksMost is how many sticks the page has room for.
	sticksMost = 4
	// lookAgain is how often the page looks for a stick that was plugged in.
	lookAgain = 2 * time.Second
	// backupWait bounds how long a backup may take: a year's record to a slow stick.
	backupWait = 30 * time.Minute
)

func newSticks(s *Screen) *sticks {
	k := &sticks{s: s, words: newLines(2, theme.Body)}
	cells := make([]fyne.CanvasObject, sticksMost)
	for i := range cells {
		b := widget.NewButton("", func() { k.chosen = i })
		b.Hide()
		k.cells, cells[i] = append(k.cells, b), b
	}
	k.write = widget.NewHold(s.speech.Say(lang.HoldToBackup), k.backup)
	k.root = s.sheet(container.New(beneath{}, k.words.root, container.New(grid{2, sticksMost / 2}, cells...)), k.write)
	return k
}

func (k *sticks) object() fyne.CanvasObject { return k.root }

func (k *sticks) backup() {
	s := k.s
	k.write.Reset()
	if k.busy || k.chosen >= len(k.found) {
		return
	}
	to := k.found[k.chosen]
	k.busy, k.says = true, s.speech.Say(lang.BackupRuns, to.Name)
	var file string
	s.apart(backupWait, func(ctx context.Context) (err error) {
		file, err = s.desk.Backup(ctx, to)
		return err
	}, func(err error) {
		k.busy, k.says = false, s.speech.Say(lang.BackupDone, file)
		if err != nil {
			k.says = s.speech.Say(lang.BackupFailed, reason(err))
			s.faults = append(s.faults, fault{k.says}) // the page may have been left
		}
	})
}

// look finds the sticks that are plugged in now.
func (k *sticks) look(now time.Time) {
	if k.busy || k.asking || now.Sub(k.asked) < lookAgain {
		return
	}
	k.asking, k.asked = true, now
	var found []ui.Stick
	k.s.apart(recordWait, func(ctx context.Context) (err error) {
		found, err = k.s.desk.Sticks(ctx)
		return err
	}, func(err error) {
		k.asking = false
		if err == nil {
			k.found = found[:min(len(found), sticksMost)]
		}
	})
}

func (k *sticks) show(now time.Time) {
	k.look(now)
	k.write.Tick(now)
	for i, b := range k.cells {
		if i >= len(k.found) {
			b.Hide()
			continue
		}
		b.Say(k.s.speech.Say(lang.StickIs, k.found[i].Name, float64(k.found[i].Free)/1e9), "")
		b.Choose(i == k.chosen)
		b.Show()
	}
	k.write.Disable(k.busy || k.chosen >= len(k.found))
	says := k.says
	if says == "" && len(k.found) == 0 {
		says = k.s.speech.Say(lang.NoStick)
	}
	k.words.say(k.s.speech.Say(lang.BackupAsk), says)
}
