package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"github.com/chromedp/chromedp"

	"fieldkit/app/demo"
)

// A browser is headless Chromium with the hospital's page signed in to.
type browser struct {
	ctx context.Context
	end func()
}

// A seen is a text of the page's heart rate, in ms since 1970 by the page's clock.
type seen struct {
	Text  string  `json:"text"`
	At    float64 `json:"at"`    // when the text changed
	Frame float64 `json:"frame"` // the next animation frame, 0 before it
}

// observe notes every text of the first tile's heart rate.
const observe = `(() => {
	const now = () => performance.timeOrigin + performance.now();
	const seen = [];
	let last = "";
	const look = () => {
		const text = document.querySelector('#board .number[data-sign="HR"] .digits')?.textContent ?? "";
		if (text === last) return;
		last = text;
		const one = { text, at: now(), frame: 0 };
		seen.push(one);
		requestAnimationFrame(() => { one.frame = now(); });
	};
	new MutationObserver(look).observe(document.getElementById("board"), { subtree: true, childList: true, characterData: true });
	window.benchSeen = seen;
})()`

func openBrowser(ctx context.Context, s *demo.Street) (*browser, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, errors.New("chromium is not here: apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1280, 800),
		chromedp.Flag("ignore-certificate-errors", true), // the certificate is the street's own
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
	)
	ctx, endBrowser := chromedp.NewExecAllocator(ctx, options...)
	ctx, endPage := chromedp.NewContext(ctx)
	b := &browser{ctx, func() { endPage(); endBrowser() }}
	if err := chromedp.Do(ctx, chromedp.Navigate(s.Board),
		chromedp.WaitVisible(chromedp.CSS(`input[name="name"]`)),
		chromedp.SendKeys(chromedp.CSS(`input[name="name"]`), "er"),
		chromedp.SendKeys(chromedp.CSS(`input[name="secret"]`), s.Password),
		chromedp.Click(chromedp.CSS(`button[type="submit"]`)),
		chromedp.WaitVisible(chromedp.CSS(`#board .number[data-sign="HR"] .digits`)),
		chromedp.Evaluate[chromedp.Void](observe)); err != nil {
		b.end()
		return nil, fmt.Errorf("open the page: %w", err)
	}
	return b, nil
}

// seen is every text so far.
func (b *browser) seen() ([]seen, error) {
	return chromedp.Run(b.ctx, chromedp.Evaluate[[]seen]("window.benchSeen"))
}

// buffer is how far behind the page plays its traces, as its own module says.
func (b *browser) buffer() (ms float64, err error) {
	return chromedp.Run(b.ctx, chromedp.Evaluate[float64](`import("/sweep.js").then((m) => m.BUFFER_MS)`, chromedp.EvalAwaitPromise))
}

// ahead is by how much the page's clock is ahead of ours, as the quickest of a few
// questions tells, and within how much that is sure.
func (b *browser) ahead() (by, within time.Duration, err error) {
	within = time.Hour
	for range 20 {
		asked := time.Now()
		ms, err := chromedp.Run(b.ctx, chromedp.Evaluate[float64]("performance.timeOrigin + performance.now()"))
		if err != nil {
			return 0, 0, err
		}
		if took := time.Since(asked); took/2 < within {
			by, within = atMS(ms).Sub(asked.Add(took/2)), took/2
		}
	}
	return by, within, nil
}

func atMS(ms float64) time.Time { return time.UnixMicro(int64(ms * 1000)) }
