package kit

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/exchange"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
	"fieldkit/triage/vital/pack"
)

// service is the open station, not running, that began the team of an ambulance
// service.
func service(t *testing.T, team, callSign string) (*Kit, api.Token) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), callSign)
	if _, err := Init(t.Context(), dir, New{Nameplate: Nameplate{Kind: "ambulance", CallSign: callSign}, Passphrase: words, Team: team}); err != nil {
		t.Fatal(err)
	}
	return opened_(t, dir)
}

// also has a station join a team beside its own, as a guest unless grant says
// otherwise.
func also(t *testing.T, k *Kit, token api.Token, admin *Kit, adminToken api.Token, grant string) {
	t.Helper()
	i, err := admin.Invite(t.Context(), adminToken)
	if err != nil {
		t.Fatal(err)
	}
	a, err := k.JoinAlso(t.Context(), token, i.Text)
	if err != nil {
		t.Fatal(err)
	}
	n, err := admin.Newcomer(t.Context(), adminToken, a.Answer)
	if err != nil || n.Words != a.Words {
		t.Fatalf("the screens show %q and %q, %v", n.Words, a.Words, err)
	}
	in, err := admin.Approve(t.Context(), adminToken, api.Approval{Answer: a.Answer, Grant: grant})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Join(t.Context(), token, in.Approval); err != nil {
		t.Fatal(err)
	}
}

// hospital is an open station of a team of its own that is guest of two services.
type guestOfTwo struct {
	*Kit
	token                  api.Token
	valley, coast          *Kit
	valleyToken, coastWord api.Token
}

func newGuestOfTwo(t *testing.T, grant string) *guestOfTwo {
	t.Helper()
	w := &guestOfTwo{}
	w.valley, w.valleyToken = service(t, "Valley", "AMB-1")
	w.coast, w.coastWord = service(t, "Coast", "AMB-7")
	dir := filepath.Join(t.TempDir(), "ER")
	if _, err := Init(t.Context(), dir, New{Nameplate: Nameplate{Kind: "hospital", CallSign: "ER-1"}, Passphrase: words, Team: "County General"}); err != nil {
		t.Fatal(err)
	}
	w.Kit, w.token = opened_(t, dir)
	also(t, w.Kit, w.token, w.valley, w.valleyToken, grant)
	also(t, w.Kit, w.token, w.coast, w.coastWord, grant)
	return w
}

func (k *Kit) team(t *testing.T, name string) *share {
	t.Helper()
	m, err := k.memberIn(api.WithTeam(t.Context(), name))
	if err != nil {
		t.Fatal(err)
	}
	return m.share
}

// bring takes a parcel of one team's record from one station to another.
func bring(t *testing.T, team string, from *Kit, fromToken api.Token, to *Kit, toToken api.Token) (api.Unpacked, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "parcel")
	if _, err := from.ParcelOut(api.WithTeam(t.Context(), team), fromToken, api.Parcel{Path: path}); err != nil {
		t.Fatal(err)
	}
	return to.ParcelIn(t.Context(), toToken, path)
}

// teamsHeld are the teams of everything that a station holds.
func teamsHeld(t *testing.T, k *Kit) map[journal.TeamID]bool {
	t.Helper()
	heads, err := k.store.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := map[journal.TeamID]bool{}
	for _, h := range heads {
		out[h.Team] = true
	}
	return out
}

func TestAHospitalJoinsTwoServicesAndOnlyItsHomeTeamHoldsTheRecoverySlot(t *testing.T) {
	w := newGuestOfTwo(t, "all")
	for team, from := range map[string]struct {
		k     *Kit
		token api.Token
	}{"Valley": {w.valley, w.valleyToken}, "Coast": {w.coast, w.coastWord}} {
		if got, err := bring(t, team, from.k, from.token, w.Kit, w.token); err != nil || got.New == 0 {
			t.Fatalf("%s: %+v, %v", team, got, err)
		}
	}
	rows, err := w.Teams(t.Context(), w.token)
	if err != nil || len(rows) != 3 {
		t.Fatal(rows, err)
	}
	for i, want := range []struct {
		name        string
		home, admin bool
		stations    int
	}{{"County General", true, true, 1}, {"Valley", false, false, 2}, {"Coast", false, false, 2}} {
		if r := rows[i]; r.Name != want.name || r.Home != want.home || r.Opens != want.home || !r.In || r.Admin != want.admin || r.Stations != want.stations {
			t.Errorf("team %d is %+v, want %+v", i, r, want)
		}
	}
	slots, err := w.store.Slots(t.Context())
	if err != nil || len(slots) != 2 {
		t.Errorf("the store has the slots %+v, %v: want a passphrase and the home team's recovery key", slots, err)
	}
	i, err := w.valley.Invite(t.Context(), w.valleyToken)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.JoinAlso(t.Context(), w.token, i.Text); !isFault(err, api.CodeInvalid) {
		t.Errorf("joining a team twice: %v", err)
	}
	if _, err := w.Roster(api.WithTeam(t.Context(), "Nowhere"), w.token); !isFault(err, api.CodeNotFound) {
		t.Errorf("a team of that name: %v", err)
	}
	if _, err := w.Staff(api.WithTeam(t.Context(), "Coast"), w.token); !isFault(err, api.CodeRefused) {
		t.Errorf("the staff of a team that is not home: %v", err)
	}
	if _, err := w.Invite(api.WithTeam(t.Context(), "coast"), w.token); !isFault(err, api.CodeRefused) {
		t.Errorf("a guest invites to the team: %v", err)
	}
	if _, err := w.Invite(t.Context(), w.token); err != nil {
		t.Errorf("the home team's admin cannot invite: %v", err)
	}
	// Restarted, it belongs to the same.
	dir := w.settings.Dir
	w.Close()
	again, token := opened_(t, dir)
	if now, err := again.Teams(t.Context(), token); err != nil || !slices.Equal(now, rows) {
		t.Errorf("after a restart it belongs to %+v, %v", now, err)
	}
}

func TestAnEncounterBelongsToTheTeamItWasOpenedForAndSoDoesAllThatIsSaidOfIt(t *testing.T) {
	w := newGuestOfTwo(t, "all")
	for team, from := range map[string]struct {
		k     *Kit
		token api.Token
	}{"Valley": {w.valley, w.valleyToken}, "Coast": {w.coast, w.coastWord}} {
		if _, err := bring(t, team, from.k, from.token, w.Kit, w.token); err != nil {
			t.Fatal(err)
		}
	}
	of := map[string]chart.ID{"County General": patient(t, w.Kit, w.token, "home")}
	for _, name := range []string{"Valley", "Coast"} {
		if row, err := w.OpenFor(api.WithTeam(t.Context(), name), w.token); err != nil || row.Name != name {
			t.Fatal(row, err)
		}
		of[name] = patient(t, w.Kit, w.token, name)
	}
	if _, err := w.OpenFor(api.WithTeam(t.Context(), "County General"), w.token); err != nil {
		t.Fatal(err)
	}
	note(t, w.Kit, w.token, of["Coast"], "later, when encounters are opened for another")
	fromCoast := patient(t, w.coast, w.coastWord, "from the coast")
	if _, err := bring(t, "Coast", w.coast, w.coastWord, w.Kit, w.token); err != nil {
		t.Fatal(err)
	}
	of["from the coast"] = fromCoast
	note(t, w.Kit, w.token, fromCoast, "answered")
	for name, id := range of {
		want := w.team(t, strings.Replace(name, "from the coast", "Coast", 1)).member.Load().team
		held, err := w.store.Encounter(t.Context(), id)
		if err != nil || len(held) == 0 {
			t.Fatal(held, err)
		}
		for _, e := range held {
			if e.Team != want {
				t.Errorf("%s: an entry stands in another team's log", name)
			}
		}
	}
	rows, err := w.Encounters(t.Context(), w.token)
	if err != nil || len(rows) != 4 {
		t.Fatal(rows, err)
	}
	for _, r := range rows {
		want := ""
		for name, id := range of {
			if id == r.Encounter {
				want = strings.Replace(name, "from the coast", "Coast", 1)
			}
		}
		if r.Team != want {
			t.Errorf("the list says of an encounter of %q that it is of %q", want, r.Team)
		}
	}
	// Two teams' subjects in one entry would tell one of the other's patient.
	registered, err := w.Record(t.Context(), w.token, api.Draft{Kind: "patient-registered", Encounter: of["Valley"], Content: json.RawMessage(`{}`)})
	if err != nil {
		t.Fatal(err)
	}
	content, _ := json.Marshal(&chart.Note{Text: "the same man"})
	if _, err := w.Record(t.Context(), w.token, api.Draft{Kind: "note", Encounter: of["Coast"], Patient: registered.Patient, Content: content}); !isFault(err, api.CodeRefused) {
		t.Errorf("a note of one team's patient in another's encounter: %v", err)
	}
	// The parcel of a team holds that team's record.
	if _, err := bring(t, "Coast", w.Kit, w.token, w.coast, w.coastWord); err != nil {
		t.Fatal(err)
	}
	if got, _ := notes(t, w.coast, w.coastWord, of["Coast"]); len(got) != 2 {
		t.Errorf("the coast's station reads %q", got)
	}
	if got, _ := notes(t, w.coast, w.coastWord, fromCoast); !slices.Contains(got, "answered") {
		t.Errorf("the coast's station reads %q", got)
	}
	if _, err := bring(t, "Valley", w.Kit, w.token, w.coast, w.coastWord); !isFault(err, api.CodeInvalid) {
		t.Errorf("a parcel of another team: %v", err)
	}
	if held := teamsHeld(t, w.coast); len(held) != 1 {
		t.Errorf("the coast's station holds entries of %d teams", len(held))
	}
}

// What one team's peer may ask of the exchange, it is answered of that team alone,
// whatever it names.
func TestATeamsExchangeHoldsNothingOfAnotherTeam(t *testing.T) {
	w := newGuestOfTwo(t, "all")
	for _, name := range []string{"Valley", "Coast"} {
		if _, err := w.OpenFor(api.WithTeam(t.Context(), name), w.token); err != nil {
			t.Fatal(err)
		}
		patient(t, w.Kit, w.token, name)
	}
	valley, coast := w.team(t, "Valley"), w.team(t, "Coast")
	l := ledger{w.store, coast}
	all, err := w.store.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	own, others := 0, 0
	for _, h := range all {
		place := exchange.Place{Device: h.Device, Log: h.Log, Epoch: h.Epoch}
		ours := h.Team == coast.member.Load().team
		var pieces []journal.Piece
		err := l.Pieces(t.Context(), h.Device, h.Log, h.Epoch, 0, func(p journal.Piece) error { pieces = append(pieces, p); return nil })
		tally, tallied := bodies{coast}.Tally(t.Context(), place)
		if err != nil || tallied != nil || (len(pieces) > 0) != ours || !ours && tally != (exchange.Tally{}) {
			t.Errorf("an epoch of the %v log that is ours: %v, gives %d pieces and %+v, %v, %v", h.Log, ours, len(pieces), tally, err, tallied)
		}
		if ours {
			own++
			continue
		}
		others++
		err = w.store.Pieces(t.Context(), h.Device, h.Log, h.Epoch, 0, func(p journal.Piece) error {
			p.Head.Team = coast.member.Load().team // as it would be read from a peer of the coast
			return l.Accept(t.Context(), []journal.Piece{p})
		})
		if err == nil {
			t.Error("an epoch of one team was taken from a peer of another")
		}
	}
	if own == 0 || others == 0 {
		t.Fatalf("%d epochs of one team, %d of others: this test tries nothing", own, others)
	}
	if heads, err := l.Heads(t.Context()); err != nil || len(heads) != own {
		t.Errorf("it lists %d epochs, %v, want %d", len(heads), err, own)
	}
	saw, err := coast.teamSaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, ref := range saw {
		if own, err := coast.owns(t.Context(), store.Epoch{Device: ref.Device, Log: journal.Team, Epoch: ref.Epoch}); err != nil || !own {
			t.Error("an act in one team says what was seen of another's log")
		}
	}
	change := store.Change{Pieces: []journal.Piece{{Head: journal.Head{Team: valley.member.Load().team}}}, Filled: []store.Entry{{Team: valley.member.Load().team}}}
	if got := coast.own(change); len(got.Pieces)+len(got.Filled) > 0 {
		t.Error("a commit of one team is pushed to another's peers")
	}
	valleys := identity.PublicOf(w.valley.share.member.Load().key)
	// A key that is known in one team alone writes nothing for another, not even in
	// an epoch of its own.
	forged := forge(t, w.valley, coast.member.Load().team)
	if err := l.Accept(t.Context(), []journal.Piece{forged}); !errors.Is(err, exchange.ErrStranger) {
		t.Errorf("an entry for the coast by a key of the valley: %v", err)
	}
	if _, known := coast.keyOf(valleys.Device()); known || coast.admit(valleys) == nil {
		t.Error("a key of one team is known in another")
	}
}

// seen is everything that passes through a station's exchange, decrypted: what its
// store came to hold, and every id it could have learnt.
func holdsText(t *testing.T, dir string, needles ...[]byte) []string {
	t.Helper()
	var found []string
	filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return nil // a socket
		}
		for _, n := range needles {
			if bytes.Contains(b, n) {
				found = append(found, hex.EncodeToString(n[:8]))
			}
		}
		return nil
	})
	return found
}

func TestTwoServicesShareWithOneHospitalOverTheRealExchangeAndNeitherLearnsOfTheOther(t *testing.T) {
	ports := func() string { // four teams' pairs of ports
		for {
			a := freeAddress(t)
			host, port, _ := strings.Cut(a, ":")
			var n int
			if json.Unmarshal([]byte(port), &n) != nil {
				continue
			}
			free := true
			for i := 1; i < 8; i++ {
				free = free && portFree(host, n+i)
			}
			if free {
				return a
			}
		}
	}
	w := newGuestOfTwo(t, "handed")
	dirs := []string{w.valley.settings.Dir, w.coast.settings.Dir, w.settings.Dir}
	for _, k := range []*Kit{w.valley, w.coast, w.Kit} {
		k.Close()
	}
	valley := start(t, dirs[0], freeAddress(t))
	coast := start(t, dirs[1], freeAddress(t))
	at := ports()
	er := start(t, dirs[2], at)
	// They find each other by the addresses that a person types at the services.
	meet := func(r *running, team string) {
		until(t, "gossip to begin", func() bool {
			of := er.team(t, team)
			return len(of.addresses()) > 0 && len(r.share.addresses()) > 0
		})
		r.share.mu.Lock()
		r.share.mesh.Join(er.team(t, team).addresses()[0])
		r.share.mu.Unlock()
	}
	meet(valley, "Valley")
	meet(coast, "Coast")

	send := func(r *running, text string) chart.ID {
		id := patient(t, r.Kit, r.token, text)
		b, _ := json.Marshal(&chart.EncounterBoundFor{Station: er.share.member.Load().device, Name: "ER-1"})
		if _, err := r.Record(t.Context(), r.token, api.Draft{Kind: "encounter-bound-for", Encounter: id, Content: b}); err != nil {
			t.Fatal(err)
		}
		return id
	}
	arrives := func(r *running, id chart.ID, text string) {
		t.Helper()
		until(t, text+" to arrive", func() bool {
			got, _ := notes(t, r.Kit, r.token, id)
			return slices.Contains(got, text)
		})
	}
	fromValley, fromCoast := send(valley, "a fall in the valley"), send(coast, "a swimmer")
	kept := patient(t, valley.Kit, valley.token, "not for the hospital")
	arrives(er, fromValley, "a fall in the valley")
	arrives(er, fromCoast, "a swimmer")
	note(t, er.Kit, er.token, fromValley, "answer to the valley")
	note(t, er.Kit, er.token, fromCoast, "answer to the coast")
	arrives(valley, fromValley, "answer to the valley")
	arrives(coast, fromCoast, "answer to the coast")

	// What the live stream lost is fetched from each service's own vehicle.
	packed, err := pack.Append(nil, make([]int32, 125))
	if err != nil {
		t.Fatal(err)
	}
	second := &chart.Second{Monitors: []string{"Nonin 77"}, Blocks: []chart.Block{{
		Lead: vital.Pleth, Rate: vital.Int(125), Scale: vital.Int(1), Max: 1000, Count: 125, Packed: packed,
	}}}
	for _, from := range []struct {
		r  *running
		id chart.ID
	}{{valley, fromValley}, {coast, fromCoast}} {
		m := from.r.share.member.Load()
		body, err := stampedBody(from.r.clock, second, false)
		if err != nil {
			t.Fatal(err)
		}
		body.Encounter = from.id
		refs, err := from.r.store.Commit(t.Context(), m.signer, []store.Draft{{Team: m.team, Log: journal.Stream, Body: body}})
		if err != nil {
			t.Fatal(err)
		}
		lost := gap{Binding: wave.Binding{Encounter: from.id, Station: m.device, Epoch: refs[0].Epoch}}
		until(t, "a lost second of "+from.r.plate.CallSign, func() bool {
			err := er.live.gap(t.Context(), lost)
			n, held := er.live.heldOf(t.Context(), m.device, refs[0].Epoch)
			return err == nil && held == nil && n == refs[0].Seq
		})
	}

	// The hospital tells its people which is which.
	st, err := er.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	met := map[string]string{}
	for _, p := range st.Peers {
		met[p.CallSign] = p.Team
	}
	if met["AMB-1"] != "Valley" || met["AMB-7"] != "Coast" || len(met) != 2 {
		t.Errorf("the hospital's peers are %v", met)
	}
	if got, _ := notes(t, er.Kit, er.token, kept); len(got) > 0 {
		t.Errorf("the guest reads %q", got)
	}
	for _, c := range []struct {
		r     *running
		other *running
		team  string
		id    chart.ID
	}{{valley, coast, "Coast", fromCoast}, {coast, valley, "Valley", fromValley}} {
		st, err := c.r.State(t.Context())
		if err != nil || len(st.Peers) != 1 || st.Peers[0].Team != "" {
			t.Errorf("%s knows the peers %+v, %v", c.r.plate.CallSign, st.Peers, err)
		}
		if held := teamsHeld(t, c.r.Kit); len(held) != 1 {
			t.Errorf("%s holds entries of %d teams", c.r.plate.CallSign, len(held))
		}
		if _, err := c.r.store.Card(t.Context(), c.id); err == nil {
			t.Errorf("%s holds an encounter of the other team", c.r.plate.CallSign)
		}
		other := c.other.share.member.Load()
		// Devices and teams stand in a store in the clear.
		if found := holdsText(t, c.r.settings.Dir, other.device[:], other.team[:]); len(found) > 0 {
			t.Errorf("%s has learnt of %v", c.r.plate.CallSign, found)
		}
		if found := holdsText(t, er.settings.Dir, other.device[:], other.team[:]); len(found) < 2 {
			t.Error("the hospital's own store does not name them: this test looks at nothing")
		}
	}

	// One team's withdrawal is that team's.
	if _, err := coast.Revoke(t.Context(), coast.token, "ER-1", "the contract ended"); err != nil {
		t.Fatal(err)
	}
	until(t, "the hospital to read its withdrawal", func() bool { return er.team(t, "Coast").withdrawn.Load() })
	later := send(valley, "after the withdrawal")
	arrives(er, later, "after the withdrawal")
	if got, _ := notes(t, er.Kit, er.token, fromCoast); !slices.Equal(got, []string{"answer to the coast"}) {
		t.Errorf("withdrawn from the coast, it shows %q of its patient", got)
	}
	if er.share.withdrawn.Load() || er.team(t, "Valley").withdrawn.Load() || er.store.Locked() {
		t.Error("one team's withdrawal was taken for another's")
	}
	if st, err := er.State(t.Context()); err != nil || !slices.ContainsFunc(st.Trouble, func(s string) bool { return strings.HasPrefix(s, "Team Coast: this station was withdrawn") }) {
		t.Errorf("the hospital says %q, %v", st.Trouble, err)
	}

	// Restarted, it goes on with the team that it belongs to.
	er.end()
	er = start(t, dirs[2], at)
	last := send(valley, "after the restart")
	arrives(er, last, "after the restart")
	if !er.team(t, "Coast").withdrawn.Load() {
		t.Error("a restart forgot the withdrawal")
	}

	// While it runs it joins another, whose invitation says where that team is met.
	islandDir := filepath.Join(t.TempDir(), "AMB-9")
	if _, err := Init(t.Context(), islandDir, New{Nameplate: Nameplate{Kind: "ambulance", CallSign: "AMB-9"}, Passphrase: words, Team: "Island"}); err != nil {
		t.Fatal(err)
	}
	island := start(t, islandDir, freeAddress(t))
	until(t, "the island's gossip to begin", func() bool { return len(island.share.addresses()) > 0 })
	also(t, er.Kit, er.token, island.Kit, island.token, "handed")
	arrives(er, send(island, "from the island"), "from the island")
}

func TestAtTheHospitalsPortACallerIsAnsweredByTheTeamItCallsFor(t *testing.T) {
	w := newGuestOfTwo(t, "all")
	both, token := service(t, "Island", "AMB-3") // a vehicle of both services
	also(t, both, token, w.valley, w.valleyToken, "all")
	also(t, both, token, w.coast, w.coastWord, "all")
	for _, to := range []struct {
		k     *Kit
		token api.Token
	}{{w.Kit, w.token}, {both, token}} {
		for team, from := range map[string]struct {
			k     *Kit
			token api.Token
		}{"Valley": {w.valley, w.valleyToken}, "Coast": {w.coast, w.coastWord}} {
			if _, err := bring(t, team, from.k, from.token, to.k, to.token); err != nil {
				t.Fatal(err)
			}
		}
	}
	exchanges := func(k *Kit) map[string]*exchange.Exchange {
		out := map[string]*exchange.Exchange{}
		for _, s := range k.shares() {
			x, err := exchange.New(t.Context(), s.config(s.member.Load()))
			if err != nil {
				t.Fatal(err)
			}
			out[s.name()] = x
		}
		return out
	}
	here, there := exchanges(w.Kit), exchanges(both)
	var door []*exchange.Exchange
	for _, name := range []string{"County General", "Valley", "Coast"} {
		door = append(door, here[name])
	}
	hospital, vehicle := here["Coast"].Self(), there["Coast"].Self()
	ctx, stop := context.WithCancel(t.Context())
	var contacts sync.WaitGroup
	defer contacts.Wait()
	defer stop()
	// The coast first: without the team's name the valley would answer it.
	for _, name := range []string{"Coast", "Valley"} {
		a, b := tcpPair(t)
		contacts.Go(func() { there[name].Call(ctx, a, hospital) })
		contacts.Go(func() { exchange.AnswerAny(ctx, b, door) })
		until(t, "the contact of "+name, func() bool { return here[name].Connected(vehicle) && there[name].Connected(hospital) })
	}
	if here["County General"].Connected(vehicle) {
		t.Error("the home team answered somebody on no roster of it")
	}
	// And one that is on no roster at all is refused.
	stranger, _ := service(t, "Elsewhere", "X-1")
	x, err := exchange.New(t.Context(), stranger.share.config(stranger.share.member.Load()))
	if err != nil {
		t.Fatal(err)
	}
	a, b := tcpPair(t)
	contacts.Go(func() { exchange.AnswerAny(ctx, b, door) })
	if err := x.Call(ctx, a, hospital); err == nil {
		t.Error("a stranger was answered")
	}
}

func TestOneTeamsAdminErasesNothingOfAnothers(t *testing.T) {
	w := newGuestOfTwo(t, "all")
	if _, err := bring(t, "Coast", w.coast, w.coastWord, w.Kit, w.token); err != nil {
		t.Fatal(err)
	}
	home := patient(t, w.Kit, w.token, "of the home team")
	held, err := w.store.Encounter(t.Context(), home)
	if err != nil {
		t.Fatal(err)
	}
	var refs []chart.Ref
	for _, e := range held {
		refs = append(refs, e.Ref)
	}
	m := w.coast.share.member.Load()
	if _, err := w.coast.act(t.Context(), m, m.signer, chart.Author{Checked: chart.CheckedStation}, &chart.Erase{Of: spansOf(refs), Why: "mischief"}); err != nil {
		t.Fatal(err)
	}
	if _, err := bring(t, "Coast", w.coast, w.coastWord, w.Kit, w.token); err != nil {
		t.Fatal(err)
	}
	if got, _ := notes(t, w.Kit, w.token, home); !slices.Equal(got, []string{"of the home team"}) {
		t.Errorf("the home team's encounter reads %q after another team's order", got)
	}
}

// A station of one team that knows another's patient by their id can write of them for
// its own team. At a station of both that changes nothing of how the patient is shown.
func TestWhatOneTeamWritesOfAnothersPatientIsNotShownOfThem(t *testing.T) {
	w := newGuestOfTwo(t, "all")
	carryTeam(t, w.valley, w.Kit, "Valley")
	carryTeam(t, w.coast, w.Kit, "Coast")
	id, who := admitted(t, w.valley, w.valleyToken, "Weber")
	carryTeam(t, w.valley, w.Kit, "Valley")
	other, stranger := admitted(t, w.coast, w.coastWord, "Costa")
	m := w.coast.share.member.Load()
	for _, content := range []chart.Content{
		&chart.EncounterClosed{Outcome: "discharged"}, &chart.Note{Text: "of the coast"}, &chart.AllergyAdded{Item: chart.Named{Name: "latex"}},
		&chart.PatientsMerged{From: stranger, Into: who},
		&chart.EncounterBoundFor{Station: m.device, Name: "AMB-7"},
	} {
		body, err := stampedBody(w.coast.clock, content, false)
		if err != nil {
			t.Fatal(err)
		}
		body.Encounter, body.Patient, body.Author = id, who, chart.Author{Staff: "mallory", Checked: chart.CheckedPIN}
		if _, err := w.coast.store.Commit(t.Context(), m.signer, []store.Draft{{Team: m.team, Log: journal.Chart, Body: body}}); err != nil {
			t.Fatal(err)
		}
	}
	carryTeam(t, w.coast, w.Kit, "Coast")
	row, err := w.rowOf(t.Context(), id)
	if err != nil || row.Status != chart.Open || row.Who.Family != "Weber" || len(row.InConflict) > 0 {
		t.Errorf("the patient list tells of %s, %v, in conflict %v, %v", row.Who.Family, row.Status, row.InConflict, err)
	}
	c := ofEncounter(t, w.Kit, w.token, id)
	if got := allergies(c); len(got) > 0 || c.Course().Status != chart.Open || len(c.Of(chart.TypeNote)) > 0 || c.Row().Who.Family != "Weber" {
		t.Errorf("the chart is of %s, %v, allergies %v, notes %d", c.Row().Who.Family, c.Course().Status, got, len(c.Of(chart.TypeNote)))
	}
	if kin, err := w.kin(t.Context(), id); err != nil || len(kin) > 0 {
		t.Errorf("another team's word joins %d records to the patient's, %v", len(kin), err)
	}
	if _, err := w.live.mayShow(t.Context(), wave.Binding{Encounter: id, Station: w.valley.share.member.Load().device}); err != nil {
		t.Errorf("the patient's frames are not shown: %v", err)
	}
	// The coast's own patient is theirs alone.
	if row, err := w.rowOf(t.Context(), other); err != nil || row.Who.Family != "Costa" {
		t.Errorf("the coast's patient is %s, %v", row.Who.Family, err)
	}
}

func portFree(host string, port int) bool {
	l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return false
	}
	l.Close()
	return true
}

// tcpPair is the two ends of a connection on loopback.
func tcpPair(t *testing.T) (a, b net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if a, err = net.Dial("tcp", l.Addr().String()); err == nil {
		b, err = l.Accept()
	}
	if err != nil {
		t.Fatal(err)
	}
	return a, b
}

func TestLiveFramesGoToAHospitalOfTheEncountersTeamAndAreShownByThatTeamsWord(t *testing.T) {
	w := newGuestOfTwo(t, "handed")
	for team, from := range map[string]struct {
		k     *Kit
		token api.Token
	}{"Valley": {w.valley, w.valleyToken}, "Coast": {w.coast, w.coastWord}} {
		carryTeam(t, from.k, w.Kit, team)
	}
	er := w.share.member.Load().device
	own := patient(t, w.Kit, w.token, "the hospital's own")
	fromValley := patient(t, w.valley, w.valleyToken, "a fall")
	carryTeam(t, w.valley, w.Kit, "Valley")
	shown := func(id chart.ID, from *Kit) bool {
		_, err := w.live.mayShow(t.Context(), wave.Binding{Encounter: id, Station: from.share.member.Load().device})
		return err == nil
	}
	if shown(fromValley, w.valley) {
		t.Error("frames are shown of an encounter that was not handed to the guest")
	}
	b, _ := json.Marshal(&chart.EncounterBoundFor{Station: er, Name: "ER-1"})
	if _, err := w.valley.Record(t.Context(), w.valleyToken, api.Draft{Kind: "encounter-bound-for", Encounter: fromValley, Content: b}); err != nil {
		t.Fatal(err)
	}
	carryTeam(t, w.valley, w.Kit, "Valley")
	if !shown(fromValley, w.valley) {
		t.Error("frames are not shown of an encounter bound for this hospital")
	}
	// Nor once the coast lets the hospital read all of its own.
	if _, err := w.coast.Approve(t.Context(), w.coastWord, api.Approval{Key: "ER-1", Grant: "all"}); err != nil {
		t.Fatal(err)
	}
	carryTeam(t, w.coast, w.Kit, "Coast")
	for story, id := range map[string]chart.ID{"another team's encounter": fromValley, "the home team's encounter": own} {
		if shown(id, w.coast) {
			t.Errorf("a station of the coast sends frames of %s and they are shown", story)
		}
	}

	// And a vehicle of several teams streams each patient to a hospital of its team.
	v, token := service(t, "Island", "AMB-3")
	also(t, v, token, w.valley, w.valleyToken, "all")
	carryTeam(t, w.valley, v, "Valley")
	island := patient(t, v, token, "of the island")
	if _, err := v.OpenFor(api.WithTeam(t.Context(), "Valley"), token); err != nil {
		t.Fatal(err)
	}
	valley := patient(t, v, token, "of the valley")
	if who, err := v.live.who(); err != nil || !slices.Equal(who.Hospitals, []chart.Device{er}) {
		t.Errorf("the link is to be with %x, %v; the hospital is %x", who.Hospitals, err, er[:4])
	}
	if !v.live.goesOut(valley, er) {
		t.Error("nothing goes to the hospital of the encounter's team")
	}
	for story, goes := range map[string]bool{
		"one team's patient goes to another team's hospital": v.live.goesOut(island, er),
		"a patient goes to nobody knows whom":                v.live.goesOut(valley, chart.Device{}),
		"a patient of no team yet goes out":                  v.live.goesOut(newID(), er),
		"a patient goes to a station that is no hospital":    v.live.goesOut(valley, w.valley.share.member.Load().device),
	} {
		if goes {
			t.Error(story)
		}
	}
}

// Frames come before the record. Who looks, or answers too early, must not have the
// hospital take a service's patient for its own.
func TestAPatientSeenBeforeTheRecordCameStaysTheirServicesPatient(t *testing.T) {
	author := chart.Author{Staff: "nurse", Checked: chart.CheckedPIN}
	for story, early := range map[string]func(*guestOfTwo, chart.ID) error{
		"watched": func(w *guestOfTwo, id chart.ID) error { return w.audit(t.Context(), author, id, w.now()) },
		"answered": func(w *guestOfTwo, id chart.ID) error {
			_, err := w.recordAs(t.Context(), author, api.Draft{Kind: "arrival-accepted", Encounter: id, Content: json.RawMessage(`{}`)})
			if err == nil {
				return errors.New("an answer to nobody was recorded")
			}
			return nil
		},
	} {
		t.Run(story, func(t *testing.T) {
			w := newGuestOfTwo(t, "all")
			carryTeam(t, w.valley, w.Kit, "Valley")
			id := patient(t, w.valley, w.valleyToken, "a fall")
			binding := wave.Binding{Encounter: id, Station: w.valley.share.member.Load().device}
			for _, when := range []string{"before", "after"} {
				if _, err := w.live.mayShow(t.Context(), binding); err != nil {
					t.Errorf("%s: the vehicle's frames are not shown: %v", when, err)
				}
				if err := early(w, id); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := w.live.mayShow(t.Context(), binding); err != nil {
				t.Errorf("the vehicle's frames are not shown any more: %v", err)
			}
			carryTeam(t, w.valley, w.Kit, "Valley")
			if of, err := w.teamOf(t.Context(), id); err != nil || of != w.team(t, "Valley") {
				t.Errorf("the encounter is not known as its own service's: %v", err)
			}
			note(t, w.Kit, w.token, id, "answered")
			held, err := w.store.Encounter(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range held {
				if e.Team != w.team(t, "Valley").member.Load().team {
					t.Error("an entry of the encounter was written for another team")
				}
			}
		})
	}
}

// carryTeam brings all that one station holds to another, more than the exchange would
// bring a guest.
func carryTeam(t *testing.T, from, to *Kit, team string) {
	t.Helper()
	heads, err := from.share.heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(heads, func(a, b journal.Head) int { return int(a.Log) - int(b.Log) })
	of := to.shareOf(from.share.member.Load().team)
	for _, h := range heads {
		err := from.store.Pieces(t.Context(), h.Device, h.Log, h.Epoch, 0, func(p journal.Piece) error {
			return ledger{to.store, of}.Accept(t.Context(), []journal.Piece{p})
		})
		if err != nil {
			t.Fatal(team, err)
		}
		if err := of.fold(t.Context(), h.Team); err != nil {
			t.Fatal(err)
		}
	}
}

// forge is an entry that a station writes for a team it does not belong to.
func forge(t *testing.T, k *Kit, team journal.TeamID) journal.Piece {
	t.Helper()
	w, err := journal.NewWriter(k.share.member.Load().key, team, journal.Chart, chart.Epoch{7}, journal.Link{})
	if err != nil {
		t.Fatal(err)
	}
	p := journal.Piece{Head: w.Head()}
	body, err := stampedBody(k.clock, &chart.Note{Text: "x"}, false)
	if err != nil {
		t.Fatal(err)
	}
	body.Encounter = newID()
	b, err := journal.EncodeBody(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.Append(b, k.stamps.now())
	if err != nil {
		t.Fatal(err)
	}
	p.Records = append(p.Records, r)
	if p.Seal, err = w.Seal(); err != nil {
		t.Fatal(err)
	}
	return p
}
