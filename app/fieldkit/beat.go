//go:build cgo

package main

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
)

// beat calls due on Fyne's goroutine until ctx ends, each time before Fyne may paint,
// sixty times a second: Fyne moves its animations just before it looks what to paint,
// and what is asked for by [fyne.Do] instead waits for that moment up to 17 ms.
func beat(ctx context.Context, due func()) {
	a := &fyne.Animation{Duration: time.Second, RepeatCount: fyne.AnimationRepeatForever, Curve: fyne.AnimationLinear}
	a.Tick = func(float32) {
		if ctx.Err() != nil {
			a.Stop()
			return
		}
		due()
	}
	a.Start()
}
