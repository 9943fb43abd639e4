package gateway

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"fieldkit/triage/chart"
)

// aStrip is the address of a strip and its stretch.
func aStrip(w *ward, e chart.ID, stretch string) string {
	return fmt.Sprintf("%s/strip/%s/%s/%s/7%s", w.server.URL, e, strings.Repeat("ab", 32), strings.Repeat("cd", 16), stretch)
}

// asks is the status of a GET, and its body.
func asks(t *testing.T, client *http.Client, address string, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

func TestAStripIsGivenOnlyToWhoMaySeeItsPatientAndOnlyInPart(t *testing.T) {
	w := newWard(t, nil)
	mine, other := encounter(w), encounter(w)
	w.recorder.watch["ann"] = map[chart.ID]bool{mine: true}
	w.recorder.large = 1000
	ann, nobody := w.signIn("ann"), w.server.Client()
	whole := "?from=0&to=20000"
	for _, c := range []struct {
		story   string
		client  *http.Client
		address string
		header  []string
		want    int
	}{
		{"her own patient's", ann, aStrip(w, mine, whole), nil, http.StatusOK},
		{"another's", ann, aStrip(w, other, whole), nil, http.StatusNotFound},
		{"nobody is signed in", nobody, aStrip(w, mine, whole), nil, http.StatusUnauthorized},
		{"from another site", ann, aStrip(w, mine, whole), []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		{"no stretch", ann, aStrip(w, mine, ""), nil, http.StatusBadRequest},
		{"before its begin", ann, aStrip(w, mine, "?from=-1&to=20000"), nil, http.StatusBadRequest},
		{"backwards", ann, aStrip(w, mine, "?from=5000&to=5000"), nil, http.StatusBadRequest},
		{"a day", ann, aStrip(w, mine, "?from=0&to=86400000"), nil, http.StatusBadRequest},
		{"beyond all numbers", ann, aStrip(w, mine, "?from=0&to=99999999999999999999"), nil, http.StatusBadRequest},
		{"no number", ann, aStrip(w, mine, "?from=0x1&to=2e3"), nil, http.StatusBadRequest},
		{"no encounter", ann, strings.Replace(aStrip(w, mine, whole), mine.String(), "x", 1), nil, http.StatusNotFound},
		{"no place", ann, strings.Replace(aStrip(w, mine, whole), "/7?", "/0?", 1), nil, http.StatusNotFound},
		{"a place of another shape", ann, strings.Replace(aStrip(w, mine, whole), "abab", "..%2f", 1), nil, http.StatusNotFound},
	} {
		if got, body := asks(t, c.client, c.address, c.header...); got != c.want {
			t.Errorf("%s: %d %q, want %d", c.story, got, body, c.want)
		}
	}
	if n := len(w.recorder.stretches); n != 2 {
		t.Errorf("the recorder was asked %d times, want for her own and for the other", n)
	}
	if s := w.recorder.stretches[0]; s.From != 0 || s.To != 20000 || s.Of.Seq != 7 || s.Of.Device[0] != 0xab || s.Of.Epoch[0] != 0xcd {
		t.Errorf("the recorder was asked for %+v", s)
	}
}

func TestAStripThatIsTooLargeOrCannotBeHadIsSaidToBe(t *testing.T) {
	w := newWard(t, nil)
	e, ann := encounter(w), w.signIn("ann")
	w.recorder.large = stripSize + 1
	if got, _ := asks(t, ann, aStrip(w, e, "?from=0&to=1")); got != http.StatusInsufficientStorage {
		t.Errorf("one of %d bytes: %d", stripSize+1, got)
	}
	w.recorder.away = true
	if got, _ := asks(t, ann, aStrip(w, e, "?from=0&to=1")); got != http.StatusServiceUnavailable {
		t.Errorf("while the recorder is away: %d", got)
	}
}

// A page has one strip under way, and all pages together a few: the others wait, and
// live goes on.
func TestStripsWaitForEachOtherAndLiveForNone(t *testing.T) {
	w := newWard(t, nil)
	e := encounter(w)
	a := w.dispatch(e)
	page := w.open(w.signIn("ben"))
	w.recorder.waits = make(chan struct{})
	answers := make(chan int, stripsAtOnce+2)
	under := func(n int) {
		until(t, "strips under way", func() bool {
			w.recorder.mu.Lock()
			defer w.recorder.mu.Unlock()
			return len(w.recorder.stretches) == n
		})
	}
	ask := func(client *http.Client) {
		got, _ := asks(t, client, aStrip(w, e, "?from=0&to=1000"))
		answers <- got
	}
	ann := w.signIn("ann")
	go ask(ann)
	under(1)
	if got, _ := asks(t, ann, aStrip(w, e, "?from=0&to=1000")); got != http.StatusTooManyRequests {
		t.Errorf("her second strip meanwhile: %d", got)
	}
	for n := range stripsAtOnce - 1 {
		go ask(w.signIn(fmt.Sprint("nurse ", n)))
		under(n + 2)
	}
	if got, _ := asks(t, w.signIn("zoe"), aStrip(w, e, "?from=0&to=1000")); got != http.StatusTooManyRequests {
		t.Errorf("one more of all: %d", got)
	}
	a.send(10)
	until(t, "live frames meanwhile", func() bool { return page.count(e) == 10 })
	close(w.recorder.waits)
	for range stripsAtOnce {
		if got := <-answers; got != http.StatusOK {
			t.Errorf("one under way: %d", got)
		}
	}
	if got, _ := asks(t, ann, aStrip(w, e, "?from=0&to=1000")); got != http.StatusOK {
		t.Errorf("her next: %d", got)
	}
}
