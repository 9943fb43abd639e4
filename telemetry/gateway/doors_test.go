package gateway

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"fieldkit/telemetry/link"
)

func TestAnotherCertificateIsRefusedUntilItIsEnrolled(t *testing.T) {
	w := newWard(t, nil)
	pin := link.Fingerprint(sha256.Sum256(w.server.Certificate().Raw))
	var pins []link.Fingerprint
	client := link.PinnedClient(func() []link.Fingerprint { return pins })
	defer client.CloseIdleConnections()
	for name, c := range map[string]struct {
		pins []link.Fingerprint
		ok   bool
	}{
		"none": {nil, false}, "another": {[]link.Fingerprint{{1}}, false}, "old and new": {[]link.Fingerprint{{1}, pin}, true},
	} {
		pins = c.pins
		res, err := client.Get(w.server.URL + "/health")
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			res.Body.Close()
			client.CloseIdleConnections()
		}
	}
}

// ask sends a signalling request.
func (w *ward) ask(method, path, body string, header map[string]string) *http.Response {
	w.t.Helper()
	req, err := http.NewRequest(method, w.server.URL+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := w.server.Client().Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	res.Body.Close()
	return res
}

func TestAVehicleIsToldWhichHospitalAnswers(t *testing.T) {
	w := newWard(t, nil)
	name, err := link.AskGateway(t.Context(), w.server.Client(), w.server.URL+"/live", strings.Repeat("ab", 32))
	if err != nil || name != w.name {
		t.Errorf("%q answers, %v; want %q", name, err, w.name)
	}
}

func TestOffersThatAreNotAVehiclesOwnAreRefused(t *testing.T) {
	w := newWard(t, nil)
	public, key, _ := ed25519.GenerateKey(rand.Reader)
	device := strings.Repeat("ab", 32)
	w.recorder.roster[device] = public
	challenge := func() []byte {
		res := w.ask("POST", "/live", "", map[string]string{link.HeaderDevice: device})
		if res.StatusCode != http.StatusPreconditionRequired {
			t.Fatalf("asking for a challenge gave %d", res.StatusCode)
		}
		c, err := link.DecodeHeader(res.Header.Get(link.HeaderChallenge))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	signed := func(c []byte, sdp string, by ed25519.PrivateKey) map[string]string {
		terms := link.Terms{Device: device, Gateway: w.name, Challenge: c, Offer: []byte(sdp)}
		return map[string]string{link.HeaderDevice: device, link.HeaderChallenge: link.EncodeHeader(c), "Content-Type": link.ContentSDP,
			link.HeaderSignature: link.EncodeHeader(ed25519.Sign(by, terms.OfferMessage()))}
	}
	_, stranger, _ := ed25519.GenerateKey(rand.Reader)
	with := func(h map[string]string, k, v string) map[string]string { h[k] = v; return h }
	forged := make([]byte, challengeSize)
	for _, c := range []struct {
		name, method, path, body string
		header                   map[string]string
		want                     int
	}{
		{"no device", "POST", "/live", "v=0", map[string]string{"Content-Type": link.ContentSDP}, 400},
		{"a device that is no name", "POST", "/live", "", map[string]string{link.HeaderDevice: "../../etc/passwd"}, 400},
		{"a device in capitals", "POST", "/live", "", map[string]string{link.HeaderDevice: strings.ToUpper(device)}, 400},
		{"no challenge", "POST", "/live", "", map[string]string{link.HeaderDevice: device}, 428},
		{"a forged challenge", "POST", "/live", "v=0", signed(forged, "v=0", key), 428},
		{"a challenge that is not base64", "POST", "/live", "v=0", with(signed(challenge(), "v=0", key), link.HeaderChallenge, "!"), 400},
		{"another's signature", "POST", "/live", "v=0", signed(challenge(), "v=0", stranger), 403},
		{"a signature of another offer", "POST", "/live", "v=0\r\n", signed(challenge(), "v=0", key), 403},
		{"an unknown device", "POST", "/live", "v=0", with(signed(challenge(), "v=0", key), link.HeaderDevice, strings.Repeat("cd", 32)), 403},
		{"another type", "POST", "/live", "v=0", with(signed(challenge(), "v=0", key), "Content-Type", "text/plain"), 415},
		{"too long", "POST", "/live", strings.Repeat("v", offerSize+1), signed(challenge(), "v=0", key), 413},
		{"signed garbage", "POST", "/live", "v=0", signed(challenge(), "v=0", key), 400},
		{"moving a connection that is not there", "PATCH", "/live/0123", "v=0", signed(challenge(), "v=0", key), 404},
		{"ending a connection that is not there", "DELETE", "/live/0123", "", map[string]string{link.HeaderDevice: device}, 404},
		{"another method", "PUT", "/live", "v=0", nil, 405},
		{"another path", "POST", "/live/../live/x", "v=0", nil, 405},
		{"a socket without a challenge", "GET", "/live/socket", "", map[string]string{link.HeaderDevice: device}, 428},
		{"a socket that is no socket", "GET", "/live/socket", "", signed(challenge(), link.SocketOffer, key), 426},
	} {
		res := w.ask(c.method, c.path, c.body, c.header)
		if res.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", c.name, res.StatusCode, c.want)
		}
	}
	once := signed(challenge(), "v=0", key)
	w.ask("POST", "/live", "v=0", once)
	checks := w.recorder.checks
	if res := w.ask("POST", "/live", "v=0", once); res.StatusCode != http.StatusPreconditionRequired || w.recorder.checks != checks {
		t.Errorf("an offer sent twice gave %d, and the recorder was asked %d times more", res.StatusCode, w.recorder.checks-checks)
	}
}

func TestAnotherDeviceCannotEndAConnection(t *testing.T) {
	w := newWard(t, nil)
	e := encounter(w)
	a := w.dispatch(e)
	page := w.open(w.signIn("ann"))
	a.send(5)
	until(t, "frames", func() bool { return page.count(e) == 5 })
	w.gateway.mu.Lock()
	var id string
	for id = range w.gateway.sessions {
	}
	w.gateway.mu.Unlock()
	if res := w.ask("DELETE", "/live/"+id, "", map[string]string{link.HeaderDevice: strings.Repeat("cd", 32)}); res.StatusCode != 404 {
		t.Errorf("another device's DELETE gave %d", res.StatusCode)
	}
	if res := w.ask("DELETE", "/live/"+id, "", map[string]string{link.HeaderDevice: deviceName(a.device)}); res.StatusCode != 200 {
		t.Errorf("its own DELETE gave %d", res.StatusCode)
	}
}

func TestChallengesAreGoodOnceAndNotForLong(t *testing.T) {
	c := newChallenges([32]byte{1})
	a, b := c.give(), c.give()
	if !c.use(a) || c.use(a) || !c.use(b) {
		t.Error("a challenge must be good exactly once")
	}
	old := c.give()
	c.began = c.began.Add(-challengeFor - time.Second)
	if c.good(old) {
		t.Error("an old challenge is still good")
	}
	if other := newChallenges([32]byte{2}); other.good(c.give()) {
		t.Error("another gateway's challenge is good")
	}
	for range 3 {
		c.use(c.give())
	}
	c.began = c.began.Add(-2 * challengeFor)
	c.use(c.give())
	if len(c.used) != 1 {
		t.Errorf("%d used challenges are still remembered", len(c.used))
	}
}

func TestCrossSiteRequestsAreRefused(t *testing.T) {
	w := newWard(t, nil)
	e := encounter(w)
	client := w.signIn("ann")
	for name, h := range map[string]http.Header{
		"another site":   {"Sec-Fetch-Site": {"cross-site"}},
		"a sibling site": {"Sec-Fetch-Site": {"same-site"}},
		"another origin": {"Origin": {"https://evil.example"}},
		"no origin":      {"Origin": {"null"}},
	} {
		if res := w.post(client, "/sign-in", `{"name":"ann","secret":"correct horse"}`, h); res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: signing in gave %d", name, res.StatusCode)
		}
		if res := w.post(client, "/sign-out", "", h); res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: signing out gave %d", name, res.StatusCode)
		}
		if conn, _, err := websocket.Dial(context.Background(), w.server.URL+"/watch", &websocket.DialOptions{HTTPClient: client, HTTPHeader: h}); err == nil {
			t.Errorf("%s: watching was let in", name)
			conn.CloseNow()
		}
	}
	for _, what := range []string{"chart", "record"} {
		req, _ := http.NewRequest("GET", w.server.URL+"/"+what+"/"+e.String(), nil)
		if res, err := w.server.Client().Do(req); err != nil || res.StatusCode != http.StatusUnauthorized {
			t.Errorf("reading a %s without signing in gave %v", what, res)
		}
		if res, err := client.Do(req); err != nil || res.StatusCode != http.StatusOK {
			t.Errorf("reading a %s gave %v", what, res)
		}
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		if res, err := client.Do(req); err != nil || res.StatusCode != http.StatusForbidden {
			t.Errorf("reading a %s from another site gave %v", what, res)
		}
	}
	if _, _, err := websocket.Dial(context.Background(), w.server.URL+"/watch", &websocket.DialOptions{HTTPClient: w.server.Client()}); err == nil {
		t.Error("watching without signing in was let in")
	}
}

func TestWrongPasswordsAreSlowed(t *testing.T) {
	w := newWard(t, nil)
	var got []int
	for range 5 {
		res := w.post(w.server.Client(), "/sign-in", `{"name":"ann","secret":"guess"}`, nil)
		got = append(got, res.StatusCode)
		if res.StatusCode == http.StatusTooManyRequests && res.Header.Get("Retry-After") == "" {
			t.Error("it does not say how long to wait")
		}
	}
	if want := []int{401, 401, 401, 429, 429}; !slices.Equal(got, want) {
		t.Errorf("five guesses gave %v, want %v", got, want)
	}
	if w.recorder.attempts != 3 {
		t.Errorf("the recorder was asked %d times", w.recorder.attempts)
	}
	for body, want := range map[string]int{`{`: 400, `{"name":"","secret":"x"}`: 400, `[]`: 400, strings.Repeat(" ", signInSize+1): 400} {
		if res := w.post(w.server.Client(), "/sign-in", body, nil); res.StatusCode != want {
			t.Errorf("%.20q gave %d", body, res.StatusCode)
		}
	}
	if res := w.post(w.server.Client(), "/sign-in", `{}`, http.Header{"Content-Type": {"text/plain"}}); res.StatusCode != 415 {
		t.Errorf("a form's type gave %d", res.StatusCode)
	}
}

func TestHowLongAWrongPasswordWaits(t *testing.T) {
	now := time.Unix(1e9, 0)
	s := newSlowdown()
	s.now = func() time.Time { return now }
	fail := func(n int, from, name string) {
		for range n {
			s.failed(from, name)
		}
	}
	for _, c := range []struct {
		name       string
		fails      int
		from, who  string
		askFrom    string
		ask        string
		want       time.Duration
		afterwards time.Duration
	}{
		{"two wrong", 2, "a", "ann", "a", "ann", 0, 0},
		{"three wrong", 3, "b", "bob", "b", "bob", time.Second, 0},
		{"three wrong, a second later", 3, "c", "cyd", "c", "cyd", 0, time.Second},
		{"six wrong", 6, "d", "dan", "d", "dan", 8 * time.Second, 0},
		{"many wrong wait a minute at most", 40, "e", "eve", "e", "eve", time.Minute, 0},
		{"the owner elsewhere waits five seconds at most", 40, "f", "fay", "z", "fay", 5 * time.Second, 0},
		{"a colleague at the same address is slowed only after many", 14, "g", "gus", "g", "hal", 0, 0},
		{"a colleague at an address that guesses", 17, "h", "ida", "h", "jo", 4 * time.Second, 0},
	} {
		fail(c.fails, c.from, c.who)
		now = now.Add(c.afterwards)
		if got := s.wait(c.askFrom, c.ask); got != max(c.want, 0) && (c.want != 0 || got > 0) {
			t.Errorf("%s: waits %v, want %v", c.name, got, c.want)
		}
	}
	for i := range rememberMax {
		s.failed(string(rune('a'+i%26)), rand.Text())
	}
	if len(s.by) > rememberMax+3 {
		t.Errorf("it remembers %d", len(s.by))
	}
}

func TestAnAddressThatAsksTooOftenWaits(t *testing.T) {
	now := time.Unix(1e9, 0)
	tap := newTap()
	tap.now = func() time.Time { return now }
	for i := range int(tapBurst) {
		if !tap.allow("a") {
			t.Fatalf("request %d was refused", i)
		}
	}
	if tap.allow("a") {
		t.Error("one beyond the burst was let in")
	}
	if !tap.allow("b") {
		t.Error("another address was refused")
	}
	now = now.Add(time.Second)
	if !tap.allow("a") {
		t.Error("a second later it is still refused")
	}
	for range 2 * tapsMax {
		tap.allow(rand.Text())
	}
	if len(tap.by) > tapsMax {
		t.Errorf("it remembers %d addresses", len(tap.by))
	}
	w := newWard(t, nil)
	w.gateway.tap.mu.Lock()
	w.gateway.tap.now = func() time.Time { return now } // a slow machine asks slower than the tap fills
	w.gateway.tap.mu.Unlock()
	refused := 0
	for range int(tapBurst) + 20 {
		if w.ask("GET", "/session", "", nil).StatusCode == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused == 0 {
		t.Error("the gateway refused none")
	}
}

func TestAWardsScreensBehindOneAddressReadTheirChartsEachByItself(t *testing.T) {
	w := newWard(t, nil)
	e := encounter(w)
	ann, ben, closed := w.signIn("ann"), w.signIn("ben"), w.signIn("cyd")
	for _, client := range []*http.Client{ann, ben} {
		w.open(client)
	}
	now := time.Unix(1_900_000_000, 0)
	w.gateway.tap.mu.Lock()
	w.gateway.tap.now = func() time.Time { return now }
	w.gateway.tap.mu.Unlock()
	read := func(client *http.Client, times int) (refused int) {
		for range times {
			res, err := client.Get(w.server.URL + "/record/" + e.String())
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode == http.StatusTooManyRequests {
				refused++
			}
		}
		return refused
	}
	if n := read(ann, int(tapBurst)+5); n != 5 {
		t.Errorf("of a page that asks too often %d requests were refused, want 5", n)
	}
	if n := read(ben, int(tapBurst)); n != 0 {
		t.Errorf("the other screen was refused %d times", n)
	}
	if n := read(closed, int(tapBurst)+20); n == 0 {
		t.Error("who has no page open asks as often as they like")
	}
}

func TestThePageAndNothingElseIsServed(t *testing.T) {
	w := newWard(t, nil)
	for path, want := range map[string]int{
		"/": 200, "/board.js": 200, "/deep/file.css": 200,
		"/.secret": 404, "/deep": 404, "/deep/": 404, "/nothing": 404, "/%2e%2e/%2e%2e/etc/passwd": 404, "/..%5c..%5cx": 404,
		"/deep/%2e%2e/.secret": 404, "/board.js/": 404, "//board.js": 404, "/deep//file.css": 404, "/" + strings.Repeat("a", 600): 414,
		"/chart/../../x": 404, "/chart/not-an-id": 404, "/board.js%00": 404,
	} {
		req, err := http.NewRequest("GET", w.server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.URL.Opaque = "//" + req.URL.Host + path
		client := *w.server.Client()
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		// A redirect to the clean path is as good as not found: the clean path is in this table.
		if res.StatusCode != want && !(want == 404 && res.StatusCode/100 == 3) {
			t.Errorf("%s gave %d, want %d", path, res.StatusCode, want)
		}
		if bytes.Contains(body, []byte("root:")) || bytes.Equal(body, []byte("no")) {
			t.Errorf("%s leaked %q", path, body)
		}
		for _, h := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Resource-Policy"} {
			if res.Header.Get(h) == "" && res.StatusCode/100 != 3 {
				t.Errorf("%s lacks %s", path, h)
			}
		}
	}
}

func TestAnAnswerThatCannotBeSignedOpensNothing(t *testing.T) {
	w := newWard(t, func(c *Config) { c.Roster = mute{c.Roster} })
	e := encounter(w)
	a := w.dispatch(e)
	a.send(20)
	until(t, "a reason in the vehicle", func() bool { return strings.Contains(a.vehicle.State().Problem, "503") })
	w.gateway.mu.Lock()
	defer w.gateway.mu.Unlock()
	if len(w.gateway.sessions) != 0 {
		t.Errorf("%d connections were left", len(w.gateway.sessions))
	}
}

type mute struct{ Roster }

func (mute) SignAnswer(context.Context, link.Terms) ([]byte, error) { return nil, errors.New("locked") }
