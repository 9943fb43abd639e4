package thread

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"fieldkit/app/demo"
)

// A page is the hospital's page in a headless Chromium.
type page struct {
	t   *testing.T
	ctx context.Context
}

// pageState is what the page shows of its first tile, as the page itself reads it
// back from what is on screen.
type pageState struct {
	Numbers map[string]struct{ Text, State string } `json:"numbers"`
	Silent  bool                                    `json:"silent"`
	Drawn   int                                     `json:"drawn"`   // samples of the trace on screen
	Missing int                                     `json:"missing"` // tenths of the last half minute that did not come
	Late    int                                     `json:"late"`    // frames that came after newer ones
}

// openPage signs in at the hospital's page. A machine without Chromium cannot.
func openPage(t *testing.T, s *demo.Street) *page {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("chromium is not here: build/test installs it")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1280, 800),
		chromedp.Flag("ignore-certificate-errors", true), // the certificate is the street's own
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
	)
	ctx, stopBrowser := chromedp.NewExecAllocator(t.Context(), options...)
	ctx, stopPage := chromedp.NewContext(ctx)
	t.Cleanup(func() { stopPage(); stopBrowser() })
	p := &page{t, ctx}
	p.do(chromedp.Navigate(s.Board),
		chromedp.WaitVisible(chromedp.CSS(`input[name="name"]`)),
		chromedp.SendKeys(chromedp.CSS(`input[name="name"]`), "er"),
		chromedp.SendKeys(chromedp.CSS(`input[name="secret"]`), s.Password),
		chromedp.Click(chromedp.CSS(`button[type="submit"]`)))
	return p
}

// with is the page for a part of the test.
func (p *page) with(t *testing.T) *page { return &page{t, p.ctx} }

func (p *page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// read asks the page what it shows (window.fieldkit.shown, for tests and people
// who look into the console).
func (p *page) read() (pageState, error) {
	return chromedp.Run(p.ctx, chromedp.Evaluate[pageState](`window.fieldkit ? window.fieldkit.shown() : {numbers: {}}`))
}

func (p *page) waits(what string, check func(pageState) string) time.Duration {
	p.t.Helper()
	return until(p.t, what, func() string {
		s, err := p.read()
		if err != nil {
			return err.Error()
		}
		return check(s)
	})
}

// picture keeps a screenshot where FIELDKIT_PICTURES says.
func (p *page) picture(name string) {
	dir := os.Getenv("FIELDKIT_PICTURES")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), png, 0o600); err != nil {
		p.t.Error(err)
	}
}
