package identity

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// A street is a team with tablets that write team logs and see each other's
// entries when the test says so.
type street struct {
	t        testing.TB
	genesis  *Genesis
	team     journal.TeamID
	recovery Recovery
	tablets  map[string]*tablet
	log      []chart.Entry
	links    map[journal.Place]journal.Link
}

type tablet struct {
	key   Key
	epoch chart.Epoch
	seq   uint64
	saw   map[journal.Place]uint64
}

func newStreet(t testing.TB) *street {
	t.Helper()
	s := &street{t: t, recovery: Recovery{9}, tablets: map[string]*tablet{}, links: map[journal.Place]journal.Link{}}
	s.genesis, s.team = genesisOf(t, "north", keyNamed("ann"), s.recovery)
	paper, err := s.recovery.SignKey()
	if err != nil {
		t.Fatal(err)
	}
	s.tablet("ann")
	s.tablets["paper"] = &tablet{key: PublicOf(paper), epoch: chart.Epoch{200}, saw: map[journal.Place]uint64{}}
	s.write("ann", s.genesis)
	return s
}

func (s *street) tablet(name string) *tablet {
	if x, ok := s.tablets[name]; ok {
		return x
	}
	x := &tablet{key: PublicOf(keyNamed(name)), epoch: chart.Epoch{byte(len(s.tablets) + 1)}, saw: map[journal.Place]uint64{}}
	s.tablets[name] = x
	s.links[journal.Place{Device: x.key.Device(), Epoch: x.epoch}] = journal.Link{}
	return x
}

func (s *street) device(name string) chart.Device { return s.tablet(name).key.Device() }

func (s *street) Previous(d chart.Device, e chart.Epoch) (journal.Link, bool) {
	l, ok := s.links[journal.Place{Device: d, Epoch: e}]
	return l, ok
}

// write appends an entry to a tablet's team log and gives its place.
func (s *street) write(name string, c chart.Content) chart.Ref {
	x := s.tablet(name)
	x.seq++
	e := chart.Entry{Ref: chart.Ref{Device: x.key.Device(), Epoch: x.epoch, Seq: x.seq}, Log: uint8(journal.Team), Content: c}
	for p, seq := range x.saw {
		e.Saw = append(e.Saw, chart.Ref{Device: p.Device, Epoch: p.Epoch, Seq: seq})
	}
	s.log = append(s.log, e)
	return e.Ref
}

// meet lets every tablet named see all that the others named have written or seen.
func (s *street) meet(names ...string) {
	all := map[journal.Place]uint64{}
	for _, n := range names {
		x := s.tablet(n)
		all[journal.Place{Device: x.key.Device(), Epoch: x.epoch}] = x.seq
		for p, seq := range x.saw {
			all[p] = max(all[p], seq)
		}
	}
	for _, n := range names {
		for p, seq := range all {
			if seq > 0 {
				s.tablet(n).saw[p] = seq
			}
		}
	}
}

// restart opens a new epoch of a tablet's log.
func (s *street) restart(name string, epoch byte) {
	x := s.tablet(name)
	old := journal.Link{Epoch: x.epoch, Seq: x.seq}
	x.saw[journal.Place{Device: x.key.Device(), Epoch: x.epoch}] = x.seq
	x.epoch, x.seq = chart.Epoch{epoch}, 0
	s.links[journal.Place{Device: x.key.Device(), Epoch: x.epoch}] = old
}

func (s *street) member(name string, admin bool) *Member {
	m := &Member{Key: s.tablet(name).key, Kind: Ambulance, Site: "north", CallSign: name, Grant: GrantSite, Admin: admin}
	if admin {
		m.Grant = GrantAll
	}
	return m
}

// revoke takes a tablet off, pinned at what the writer has seen of its team log.
func (s *street) revoke(by, name string) chart.Ref {
	x := s.tablet(name)
	r := &Revoked{Device: x.key.Device(), Why: "tablet stolen"}
	if seq := s.tablet(by).saw[journal.Place{Device: x.key.Device(), Epoch: x.epoch}]; seq > 0 {
		r.Pins = []Pin{{Log: journal.Team, Epoch: x.epoch, Seq: seq}}
	}
	return s.write(by, r)
}

// fold folds the log in several orders, with duplicates, and holds them equal.
func (s *street) fold() *Roster {
	s.t.Helper()
	first := Fold(s.team, s.log, s)
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 5))
		again := slices.Clone(s.log)
		for range 5 {
			again = append(again, s.log[r.IntN(len(s.log))])
		}
		r.Shuffle(len(again), func(i, j int) { again[i], again[j] = again[j], again[i] })
		other := Fold(s.team, again, s)
		if !reflect.DeepEqual(first.Members(), other.Members()) || !reflect.DeepEqual(first.People(), other.People()) {
			s.t.Fatalf("another order gives another roster:\n%+v\n%+v", first.Members(), other.Members())
		}
		for _, e := range s.log {
			if first.Trusts(e.Ref.Device, e.Ref) != other.Trusts(e.Ref.Device, e.Ref) {
				s.t.Fatalf("another order trusts %v otherwise", e.Ref)
			}
		}
	}
	return first
}

// want holds the roster against words: in, admin, out, or no member.
func (s *street) want(what string, want map[string]string) {
	s.t.Helper()
	r := s.fold()
	for name, state := range want {
		got := "no member"
		if m, ok := r.Member(s.device(name)); ok {
			switch {
			case m.Out:
				got = "out"
			case m.Admin:
				got = "admin"
			default:
				got = "in"
			}
		}
		if got != state {
			s.t.Errorf("%s: %s is %s, wanted %s", what, name, got, state)
		}
		err := r.Admit(s.tablet(name).key)
		if (err == nil) != (state == "in" || state == "admin") || state == "out" && !errors.Is(err, ErrWithdraw) || state == "no member" && !errors.Is(err, ErrUnknown) {
			s.t.Errorf("%s: %s is %s and its call is answered with %v", what, name, state, err)
		}
	}
}

func TestATeamGrowsByItsAdminsOnly(t *testing.T) {
	s := newStreet(t)
	s.want("at genesis", map[string]string{"ann": "admin", "bob": "no member", "paper": "no member"})
	s.write("ann", s.member("bob", true))
	s.write("ann", s.member("cat", false))
	s.meet("ann", "bob", "cat")
	s.write("bob", s.member("dan", false))
	s.write("cat", s.member("eve", true)) // cat is no admin
	s.meet("cat", "eve")
	s.write("eve", s.member("fay", true))
	s.write("stranger", s.member("stranger", true))
	s.write("paper", s.member("gus", false))
	s.want("after a day", map[string]string{"ann": "admin", "bob": "admin", "cat": "in", "dan": "in", "eve": "no member", "fay": "no member", "stranger": "no member", "gus": "in"})
}

func TestNobodyIsAdminBeforeHavingSeenIt(t *testing.T) {
	s := newStreet(t)
	s.write("bob", s.member("friend", true)) // written before bob was made admin
	s.write("ann", s.member("bob", true))
	s.want("", map[string]string{"bob": "admin", "friend": "no member"})
}

func TestARosterWithoutGenesisTrustsNobody(t *testing.T) {
	s := newStreet(t)
	s.write("ann", s.member("bob", false))
	r := Fold(s.team, s.log[1:], s)
	if _, ok := r.Member(s.device("ann")); ok || r.Genesis != nil || r.Trusts(s.device("ann"), s.log[1].Ref) {
		t.Error("someone is in")
	}
	// Another team's genesis says nothing here.
	other, _ := genesisOf(t, "south", keyNamed("ann"), Recovery{9})
	s.write("ann", other)
	if r := s.fold(); r.Genesis.Name != "north" {
		t.Errorf("the team is called %s", r.Genesis.Name)
	}
	// What cannot be read is counted.
	s.log = append(s.log, chart.Entry{Ref: chart.Ref{Device: s.device("ann"), Epoch: chart.Epoch{1}, Seq: 99}, Absent: chart.Unread})
	if r := s.fold(); r.Unread != 1 {
		t.Errorf("%d entries unread", r.Unread)
	}
}

func TestAStolenTabletsLaterEntriesAreNotTrusted(t *testing.T) {
	s := newStreet(t)
	s.write("ann", s.member("bob", false))
	s.meet("ann", "bob")
	device := s.device("bob")
	older := s.write("bob", &Person{ID: "x", Name: "x"})
	s.restart("bob", 50)
	last := s.write("bob", &Person{ID: "x", Name: "x"})
	s.meet("ann", "bob")
	if r := s.fold(); !r.Trusts(device, older) || !r.Trusts(device, last) || r.Trusts(s.device("ann"), last) || r.Trusts(s.device("stranger"), chart.Ref{Device: s.device("stranger"), Seq: 1}) {
		t.Error("before the theft")
	}
	s.revoke("ann", "bob")
	after := s.write("bob", &Person{ID: "x", Name: "x"})
	s.restart("bob", 51)
	later := s.write("bob", &Person{ID: "x", Name: "x"})
	s.want("after the theft", map[string]string{"bob": "out", "ann": "admin"})
	r := s.fold()
	for what, c := range map[string]struct {
		at   chart.Ref
		want bool
	}{
		"in the pinned epoch":                 {last, true},
		"in the epoch before":                 {older, true},
		"after the pin":                       {after, false},
		"in a later epoch":                    {later, false},
		"in the epoch before, beyond its end": {chart.Ref{Device: device, Epoch: older.Epoch, Seq: older.Seq + 1}, false},
	} {
		if got := r.Trusts(device, c.at); got != c.want {
			t.Errorf("an entry %s: trusted is %v", what, got)
		}
	}
	// An accept moves the pin up; a lower one does not move it down.
	s.write("ann", &chart.Accept{Pins: []chart.Ref{after}})
	s.write("ann", &chart.Accept{Pins: []chart.Ref{{Device: device, Epoch: last.Epoch, Seq: 1}}})
	s.write("bob", &chart.Accept{Pins: []chart.Ref{later}}) // the thief accepts itself
	r = s.fold()
	if !r.Trusts(device, after) || !r.Trusts(device, last) || r.Trusts(device, later) {
		t.Error("after the accept")
	}
	s.want("an accept lets nobody back in", map[string]string{"bob": "out"})
}

func TestAStolenAdminTabletMovesNobody(t *testing.T) {
	s := newStreet(t)
	s.write("ann", s.member("bob", true))
	s.write("ann", s.member("cat", true))
	s.meet("ann", "bob", "cat")
	s.revoke("ann", "bob")
	s.write("bob", s.member("thief", true))
	s.meet("bob", "thief")
	s.revoke("bob", "cat")
	s.revoke("thief", "cat")
	s.want("", map[string]string{"ann": "admin", "bob": "out", "cat": "admin", "thief": "no member"})
	// Another admin puts the key on again: it stays out, only the recovery key may.
	s.meet("ann", "cat")
	s.write("cat", s.member("bob", true))
	s.want("put on again by an admin", map[string]string{"bob": "out"})
}

func TestAdminsWhoRevokeEachOtherWhileApartAreBothOut(t *testing.T) {
	s := newStreet(t)
	s.write("ann", s.member("bob", true))
	s.write("ann", s.member("cat", true))
	s.write("ann", s.member("dan", false))
	s.meet("ann", "bob", "cat", "dan")
	s.revoke("bob", "cat")
	s.revoke("cat", "bob")
	s.want("both", map[string]string{"ann": "admin", "bob": "out", "cat": "out", "dan": "in"})
	s.meet("ann", "bob", "cat")
	s.write("ann", s.member("bob", true))
	s.want("an admin cannot settle it", map[string]string{"bob": "out", "cat": "out"})
	s.meet("ann", "paper")
	s.write("paper", s.member("bob", true))
	s.want("the recovery key can", map[string]string{"bob": "admin", "cat": "out"})
	s.meet("ann", "bob")
	s.revoke("ann", "bob") // after the recovery key's word, which had not seen it
	s.want("and an admin can again", map[string]string{"bob": "out"})
}

func TestARingOfThreeIsOut(t *testing.T) {
	s := newStreet(t)
	for _, n := range []string{"bob", "cat", "dan"} {
		s.write("ann", s.member(n, true))
	}
	s.meet("ann", "bob", "cat", "dan")
	s.revoke("bob", "cat")
	s.revoke("cat", "dan")
	s.revoke("dan", "bob")
	s.want("", map[string]string{"ann": "admin", "bob": "out", "cat": "out", "dan": "out"})
}

func TestARevengeDoesNotCount(t *testing.T) {
	s := newStreet(t)
	s.write("ann", s.member("bob", true))
	s.meet("ann", "bob")
	s.revoke("ann", "bob")
	s.meet("ann", "bob") // bob's tablet reads that it is out
	s.revoke("bob", "ann")
	s.write("bob", &Revoked{Device: s.device("ann")}) // with no pin, as if ann had never been trusted
	s.want("", map[string]string{"ann": "admin", "bob": "out"})
}

func TestTheRecoveryKeyIsNeverOut(t *testing.T) {
	s := newStreet(t)
	s.write("ann", &Revoked{Device: s.device("paper")})
	s.write("ann", s.member("bob", false))
	s.meet("ann", "paper")
	s.revoke("paper", "ann")
	s.write("paper", s.member("new", true))
	s.want("the only admin's tablet is lost", map[string]string{"ann": "out", "new": "admin", "bob": "in"})
	if r := s.fold(); !r.Trusts(s.device("paper"), chart.Ref{Device: s.device("paper"), Epoch: chart.Epoch{200}, Seq: 1}) {
		t.Error("the recovery key's entries are not trusted")
	}
}

func TestWhatAdminsSayWhileApartIsShownAsDisputed(t *testing.T) {
	s := newStreet(t)
	s.write("ann", s.member("bob", true))
	s.meet("ann", "bob")
	wide, narrow := s.member("kiosk", false), s.member("kiosk", false)
	wide.Grant, narrow.Grant = GrantAll, GrantHanded
	s.write("ann", wide)
	s.write("bob", narrow)
	s.write("ann", &Person{ID: "m7", Name: "Seven"})
	s.write("bob", &Person{ID: "m7", Name: "Seven", Left: true})
	r := s.fold()
	if m, _ := r.Member(s.device("kiosk")); !m.Disputed || m.Grant != GrantHanded {
		t.Errorf("the kiosk is %+v, wanted the narrower grant and a dispute", m)
	}
	if p, _ := r.Person("m7"); !p.Disputed || !p.Left {
		t.Errorf("the person is %+v, wanted left and a dispute", p)
	}
	s.meet("ann", "bob")
	s.write("ann", wide)
	s.write("ann", &Person{ID: "m7", Name: "Seven"})
	r = s.fold()
	if m, _ := r.Member(s.device("kiosk")); m.Disputed || m.Grant != GrantAll {
		t.Errorf("said anew, the kiosk is %+v", m)
	}
	if p, ok := r.Person("m7"); !ok || p.Disputed || p.Left || len(r.People()) != 1 {
		t.Errorf("said anew, the person is %+v", p)
	}
}

func TestAnAcceptBringsBackWhatAWithdrawnAdminDid(t *testing.T) {
	s := newStreet(t)
	s.write("ann", s.member("bob", true))
	s.meet("ann", "bob")
	s.revoke("ann", "bob")
	added := s.write("bob", s.member("cat", false)) // before bob heard of it
	s.want("at first", map[string]string{"bob": "out", "cat": "no member"})
	s.write("ann", &chart.Accept{Pins: []chart.Ref{added}})
	s.want("accepted", map[string]string{"bob": "out", "cat": "in"})
}

func TestAGrantSaysWhichBodiesATabletReceives(t *testing.T) {
	all := MemberState{Member: Member{Grant: GrantAll}}
	admin := MemberState{Member: Member{Grant: GrantAll, Admin: true}}
	site := MemberState{Member: Member{Grant: GrantSite, Site: "north"}}
	guest := MemberState{Member: Member{Grant: GrantHanded, Site: "north"}}
	lost := MemberState{Member: Member{Grant: GrantAll, Admin: true}, Out: true}
	for _, c := range []struct {
		what   string
		m      MemberState
		log    journal.Log
		site   string
		handed bool
		want   bool
	}{
		{"an ambulance, another site's chart", all, journal.Chart, "south", false, true},
		{"a clinic, its own chart", site, journal.Chart, "north", false, true},
		{"a clinic, another site's chart", site, journal.Chart, "south", false, false},
		{"a clinic, a patient handed over to it", site, journal.Stream, "south", true, true},
		{"a clinic, an entry of no site", site, journal.Supply, "", false, false},
		{"a hospital, a patient bound for it", guest, journal.Chart, "north", true, true},
		{"a hospital, anyone else", guest, journal.Chart, "north", false, false},
		{"a hospital, the roster", guest, journal.Team, "", false, true},
		{"an ambulance, who looked at what", all, journal.Audit, "north", true, false},
		{"an admin, who looked at what", admin, journal.Audit, "north", false, true},
		{"a lost tablet, even the roster", lost, journal.Team, "", false, false},
		{"a lost tablet, a patient handed to it", lost, journal.Chart, "north", true, false},
	} {
		if got := c.m.Receives(c.log, c.site, c.handed); got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
	}
}

// Five tablets, 200 entries of all kinds, partial meetings: whatever the order in
// which entries arrive, the roster is one, and the recovery key can still act.
func TestAnyOrderGivesOneRoster(t *testing.T) {
	names := []string{"ann", "bob", "cat", "dan", "eve"}
	outs := 0
	for seed := range uint64(12) {
		s := newStreet(t)
		r := rand.New(rand.NewPCG(seed, 77))
		for _, n := range names[1:] {
			s.write("ann", s.member(n, r.IntN(2) == 0))
		}
		s.meet(names...)
		for i := range 200 {
			by, of := names[r.IntN(5)], names[r.IntN(5)]
			switch x := r.IntN(100); {
			case x < 40:
				s.write(by, &Person{ID: fmt.Sprint(r.IntN(5)), Name: fmt.Sprint(i), Left: r.IntN(4) == 0})
			case x < 60:
				s.write(by, s.member(of, r.IntN(2) == 0))
			case x < 64:
				s.revoke(by, of)
			case x < 68:
				y := s.tablet(of)
				s.write(by, &chart.Accept{Pins: []chart.Ref{{Device: y.key.Device(), Epoch: y.epoch, Seq: y.seq + 1}}})
			case x < 90:
				s.meet(by, of)
			case x < 92:
				s.restart(by, byte(60+i%100))
			default:
				s.write(by, s.genesis)
			}
		}
		got := s.fold()
		for _, m := range got.Members() {
			if m.Out {
				outs++
			}
		}
		s.meet(append(names, "paper")...)
		s.write("paper", s.member("ann", true))
		s.want("recovered", map[string]string{"ann": "admin"})
	}
	if outs == 0 {
		t.Error("no seed revoked anybody: the trial proves nothing")
	}
}

func BenchmarkFold(b *testing.B) {
	s := newStreet(b)
	for i := range 200 {
		s.write("ann", s.member(fmt.Sprint("tablet", i), i%20 == 0))
	}
	b.ReportAllocs()
	for b.Loop() {
		Fold(s.team, s.log, s)
	}
}

var _ Lookup = (*Roster)(nil).Admit
