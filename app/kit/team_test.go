package kit

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/sync/identity"
	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// founded is the open station, not running, that began a team, and its recovery
// words.
func founded(t *testing.T) (k *Kit, token api.Token, recovery string) {
	t.Helper()
	dir := t.TempDir() + "/admin"
	made, err := Init(t.Context(), dir, New{Nameplate: Nameplate{Kind: "ambulance", CallSign: "AMB-1"}, Passphrase: words, Team: "Valley"})
	if err != nil {
		t.Fatal(err)
	}
	k, token = opened_(t, dir)
	return k, token, made.Recovery
}

// newcomer is the open station, not running, that answers an invitation of admin's.
func newcomer(t *testing.T, admin *Kit, token api.Token, callSign string) (*Kit, api.Token, Made) {
	t.Helper()
	i, err := admin.Invite(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir() + "/" + callSign
	made, err := Init(t.Context(), dir, New{Nameplate: Nameplate{Kind: "clinic", CallSign: callSign}, Passphrase: words, Invitation: i.Text})
	if err != nil {
		t.Fatal(err)
	}
	k, own := opened_(t, dir)
	return k, own, made
}

// carry takes a parcel of everything from one station to another.
func carry(t *testing.T, from *Kit, fromToken api.Token, to *Kit, toToken api.Token) api.Unpacked {
	t.Helper()
	path := t.TempDir() + "/parcel"
	if _, err := from.ParcelOut(t.Context(), fromToken, api.Parcel{Path: path}); err != nil {
		t.Fatal(err)
	}
	got, err := to.ParcelIn(t.Context(), toToken, path)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// hearOut tells a withdrawn station what a peer tells it before the goodbye.
func hearOut(t *testing.T, peer, out *Kit) {
	t.Helper()
	m := out.share.member.Load()
	for _, p := range peer.share.parting(m.device) {
		if err := out.store.Accept(t.Context(), []journal.Piece{p}); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.share.fold(t.Context(), m.team); err != nil {
		t.Fatal(err)
	}
}

func TestANewcomerIsLetInByBothScreensAndByNothingElse(t *testing.T) {
	admin, token, _ := founded(t)
	k, own, made := newcomer(t, admin, token, "CLN-2")
	other, otherToken, _ := founded(t)
	_, _, toOther := newcomer(t, other, otherToken, "CLN-9")

	for _, c := range []struct {
		story string
		do    func() error
		code  string
	}{
		{"an answer to another team's invitation", func() error {
			_, err := admin.Approve(t.Context(), token, api.Approval{Answer: toOther.Answer})
			return err
		}, api.CodeRefused},
		{"an answer with a letter changed", func() error {
			_, err := admin.Newcomer(t.Context(), token, made.Answer[:40]+"7"+made.Answer[41:])
			return err
		}, api.CodeInvalid},
		{"an approval at a station that is no admin", func() error {
			_, err := k.Approve(t.Context(), own, api.Approval{Answer: made.Answer})
			return err
		}, api.CodeRefused},
		{"an invitation of a station that is no admin", func() error {
			_, err := k.Invite(t.Context(), own)
			return err
		}, api.CodeRefused},
		{"half an invitation", func() error {
			_, err := Init(t.Context(), t.TempDir()+"/x", New{Nameplate: Nameplate{Kind: "clinic", CallSign: "X"}, Passphrase: words, Invitation: "FKINVITE1-ABC"})
			return err
		}, api.CodeInvalid},
	} {
		if err := c.do(); !isFault(err, c.code) {
			t.Errorf("%s: %v, want %s", c.story, err, c.code)
		}
	}

	n, err := admin.Newcomer(t.Context(), token, made.Answer)
	if err != nil || n.Words != made.Words || len(strings.Fields(n.Words)) != 6 || n.CallSign != "CLN-2" || n.Kind != "clinic" {
		t.Fatalf("the admin's screen shows %+v (%v), the newcomer's %q", n, err, made.Words)
	}
	in, err := admin.Approve(t.Context(), token, api.Approval{Answer: made.Answer})
	if err != nil || in.Admin || in.CallSign != "CLN-2" {
		t.Fatalf("approved as %+v, %v", in, err)
	}
	if _, err := admin.Approve(t.Context(), token, api.Approval{Answer: made.Answer}); !isFault(err, api.CodeRefused) {
		t.Errorf("one invitation is good for two answers: %v", err)
	}
	if _, err := k.Join(t.Context(), own, in.Approval[:50]); !isFault(err, api.CodeInvalid) {
		t.Errorf("half an approval: %v", err)
	}
	joined, err := k.Join(t.Context(), own, in.Approval)
	if err != nil || joined.Team != "Valley" || joined.CallSign != "CLN-2" {
		t.Errorf("joined as %+v, %v", joined, err)
	}
	if _, err := k.Join(t.Context(), own, in.Approval); !isFault(err, api.CodeInvalid) {
		t.Errorf("joining twice: %v", err)
	}
	if got := carry(t, admin, token, k, own); got.New == 0 || got.From != "AMB-1" {
		t.Errorf("the team's log came as %+v", got)
	}
	r, err := k.Roster(t.Context(), own)
	if err != nil || r.Team != "Valley" || len(r.Members) != 2 {
		t.Errorf("the newcomer's roster is %+v, %v", r, err)
	}
}

func TestAnInvitationIsGoodForADay(t *testing.T) {
	admin, token, _ := founded(t)
	_, _, made := newcomer(t, admin, token, "CLN-2")
	waiting, err := admin.share.member.Load().invites(t.Context())
	if err != nil || len(waiting) != 1 {
		t.Fatal(waiting, err)
	}
	for _, c := range []struct {
		story   string
		expires time.Time
	}{{"it ran out", time.Now().Add(-time.Minute)}, {"the clock had run a year ahead", time.Now().Add(365 * 24 * time.Hour)}} {
		waiting[0].Expires = c.expires
		if err := admin.share.member.Load().keepInvites(t.Context(), waiting); err != nil {
			t.Fatal(err)
		}
		if _, err := admin.Approve(t.Context(), token, api.Approval{Answer: made.Answer}); !isFault(err, api.CodeRefused) {
			t.Errorf("%s: %v", c.story, err)
		}
	}
}

func TestASecondAdminDoesWhatTheFirstDidAndTheLastCannotBeWithdrawn(t *testing.T) {
	first, token, _ := founded(t)
	second, own, made := newcomer(t, first, token, "CLN-2")
	if _, err := first.Approve(t.Context(), token, api.Approval{Answer: made.Answer}); err != nil {
		t.Fatal(err)
	}
	if _, err := first.Revoke(t.Context(), token, "AMB-1", "retired"); !isFault(err, api.CodeRefused) || !strings.Contains(err.Error(), "only admin") {
		t.Errorf("the only admin withdraws itself: %v", err)
	}
	if m, err := first.Approve(t.Context(), token, api.Approval{Key: "CLN-2", Admin: true}); err != nil || !m.Admin || m.Kind != "clinic" {
		t.Fatalf("%+v, %v", m, err)
	}
	carry(t, first, token, second, own)
	_, _, third := newcomer(t, second, own, "AMB-3")
	if _, err := second.Approve(t.Context(), own, api.Approval{Answer: third.Answer}); err != nil {
		t.Fatal(err)
	}
	if _, err := second.Revoke(t.Context(), own, "AMB-1", "stolen"); err != nil {
		t.Fatal(err)
	}
	hearOut(t, second, first)
	if !first.share.withdrawn.Load() {
		t.Error("the first admin's tablet does not know that it is out")
	}
	if _, err := first.Approve(t.Context(), token, api.Approval{Key: third.Device}); !isFault(err, api.CodeRefused) {
		t.Errorf("a withdrawn admin lets somebody in: %v", err)
	}
	for story, who := range map[string]string{"nobody": "AMB-99", "nothing": "", "two letters": "ab"} {
		if _, err := second.Revoke(t.Context(), own, who, "x"); !isFault(err, api.CodeNotFound) {
			t.Errorf("%s is withdrawn: %v", story, err)
		}
	}
	if _, err := second.Revoke(t.Context(), own, "AMB-1", "again"); !isFault(err, api.CodeInvalid) {
		t.Errorf("withdrawn twice: %v", err)
	}
	if _, err := second.Approve(t.Context(), own, api.Approval{Key: "AMB-1"}); !isFault(err, api.CodeRefused) || !strings.Contains(err.Error(), "recovery words") {
		t.Errorf("an admin readmits without the recovery words: %v", err)
	}
}

func TestWhenTheOnlyAdminsTabletIsLostTheRecoveryWordsMakeAnother(t *testing.T) {
	lost, token, recovery := founded(t)
	k, own, made := newcomer(t, lost, token, "CLN-2")
	if _, err := lost.Approve(t.Context(), token, api.Approval{Answer: made.Answer}); err != nil {
		t.Fatal(err)
	}
	third, thirdToken, made := newcomer(t, lost, token, "AMB-3")
	if _, err := lost.Approve(t.Context(), token, api.Approval{Answer: made.Answer}); err != nil {
		t.Fatal(err)
	}
	_, _, others := founded(t)
	if _, err := k.Recover(t.Context(), own, api.Recovery{Words: recovery, Admin: "."}); !isFault(err, api.CodeFailed) {
		t.Errorf("before the team's log has come: %v", err)
	}
	carry(t, lost, token, k, own)
	carry(t, lost, token, third, thirdToken)
	for story, in := range map[string]api.Recovery{
		"another team's words": {Words: others, Admin: "."},
		"a word mistyped":      {Words: strings.Replace(recovery, recovery[:5], "zuzuz", 1), Admin: "."},
		"nothing asked":        {Words: recovery},
		"a stranger":           {Words: recovery, Admin: "AMB-99"},
		"without a reason":     {Words: recovery, Revoke: "AMB-1"},
	} {
		if out, err := k.Recover(t.Context(), own, in); err == nil {
			t.Errorf("%s: it did %q", story, out.Did)
		}
	}
	if err := k.mustBeAdmin(k.share.member.Load(), ""); err == nil {
		t.Fatal("the tablet is an admin already")
	}
	out, err := k.Recover(t.Context(), own, api.Recovery{Words: strings.ToUpper(recovery), Admin: ".", Revoke: "AMB-1", Why: "lost in the flood"})
	if err != nil || len(out.Did) != 2 {
		t.Fatalf("it did %q, %v", out.Did, err)
	}
	carry(t, k, own, third, thirdToken)
	r, err := third.Roster(t.Context(), thirdToken)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range r.Members {
		if want := m.CallSign == "AMB-1"; m.Out != want || want && m.Why != "lost in the flood" {
			t.Errorf("the third tablet has %+v", m)
		}
		if m.CallSign == "CLN-2" && !m.Admin {
			t.Error("the third tablet does not know its new admin")
		}
	}
	if g, ok := third.share.roster.Load().Gossip(third.share.member.Load().device); !ok || string(third.share.gossipKey()) != string(k.share.gossipKey()) || g.Number != 1 {
		t.Error("the third tablet has not the new gossip key")
	}
	if string(k.share.gossipKey()) == string(lost.share.gossipKey()) {
		t.Error("the lost tablet still has the gossip key")
	}
	_, _, fourth := newcomer(t, k, own, "AMB-4")
	if _, err := k.Approve(t.Context(), own, api.Approval{Answer: fourth.Answer}); err != nil {
		t.Errorf("the new admin lets nobody in: %v", err)
	}
	if lacking := k.share.roster.Load().GossipLacking(); len(lacking) > 0 {
		t.Errorf("%d members lack the gossip key", len(lacking))
	}
}

func TestWhatAWithdrawnTabletWroteLaterIsShownApartUntilAnAdminAcceptsIt(t *testing.T) {
	admin, token, _ := founded(t)
	k, own, made := newcomer(t, admin, token, "CLN-2")
	if _, err := admin.Approve(t.Context(), token, api.Approval{Answer: made.Answer}); err != nil {
		t.Fatal(err)
	}
	third, thirdToken, made := newcomer(t, admin, token, "AMB-3")
	if _, err := admin.Approve(t.Context(), token, api.Approval{Answer: made.Answer}); err != nil {
		t.Fatal(err)
	}
	carry(t, admin, token, k, own)
	carry(t, admin, token, third, thirdToken)
	encounter := patient(t, k, own, "before")
	carry(t, k, own, admin, token)
	note(t, k, own, encounter, "later")
	path := t.TempDir() + "/parcel"
	if _, err := k.ParcelOut(t.Context(), own, api.Parcel{Path: path}); err != nil {
		t.Fatal(err)
	}
	carry(t, k, own, third, thirdToken) // the third has not heard of what comes
	if _, err := admin.Revoke(t.Context(), token, "CLN-2", "stolen"); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.ParcelIn(t.Context(), token, path); !isFault(err, api.CodeInvalid) || !strings.Contains(err.Error(), "not made by a tablet of the team") {
		t.Errorf("a parcel of a withdrawn tablet: %v", err)
	}
	carry(t, third, thirdToken, admin, token)
	apart := func() (out []string) {
		entries, err := admin.Entries(t.Context(), token, encounter)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if n, ok := e.Content.(*chart.Note); ok && e.Withdrawn {
				out = append(out, n.Text)
			}
		}
		return out
	}
	if got := apart(); !slices.Equal(got, []string{"later"}) {
		t.Fatalf("shown apart: %q", got)
	}
	if err := admin.Accept(t.Context(), token, api.Acceptance{Device: "CLN-2", Why: "looked through"}); err != nil {
		t.Fatal(err)
	}
	if got := apart(); len(got) > 0 {
		t.Errorf("still shown apart: %q", got)
	}
	if err := admin.Accept(t.Context(), token, api.Acceptance{Device: "CLN-2"}); !isFault(err, api.CodeNotFound) {
		t.Errorf("accepted twice: %v", err)
	}
	if m, _ := admin.share.roster.Load().Member(k.share.member.Load().device); !m.Out {
		t.Error("accepting what it wrote let the tablet in again")
	}
}

func TestAnErasureIsListedAndStoppedByItsPlace(t *testing.T) {
	k, token, _ := founded(t)
	encounter := patient(t, k, token, "found sitting")
	if _, err := k.Erase(t.Context(), token, encounter, "by mistake"); err != nil {
		t.Fatal(err)
	}
	waiting, err := k.Erasures(t.Context(), token)
	if err != nil || len(waiting) != 1 || waiting[0].Entries != 2 || waiting[0].By != "AMB-1" || waiting[0].Why != "by mistake" {
		t.Fatalf("waiting: %+v, %v", waiting, err)
	}
	elsewhere := waiting[0].Ref
	elsewhere.Seq += 7
	if err := k.Accept(t.Context(), token, api.Acceptance{Erase: &elsewhere}); !isFault(err, api.CodeNotFound) {
		t.Errorf("an order that is none: %v", err)
	}
	if err := k.Accept(t.Context(), token, api.Acceptance{Erase: &waiting[0].Ref}); err != nil {
		t.Fatal(err)
	}
	if got, _ := notes(t, k, token, encounter); !slices.Equal(got, []string{"found sitting"}) {
		t.Errorf("after it was stopped it reads %q", got)
	}
	if waiting, err := k.Erasures(t.Context(), token); err != nil || len(waiting) != 0 {
		t.Errorf("still waiting: %+v, %v", waiting, err)
	}
}

func TestGossipGoesOnWithTheNewKeyAndWithoutTheWithdrawnTablet(t *testing.T) {
	w := newTown(t)
	stays, lost := w.enter("CLN-2"), w.enter("AMB-3")
	device := map[*running]chart.Device{}
	for _, r := range []*running{w.admin, stays, lost} { // a withdrawn one locks and forgets who it is
		device[r] = r.share.member.Load().device
	}
	lostKey := identity.PublicOf(lost.share.member.Load().key)
	near := func(r, of *running) bool {
		r.share.mu.Lock()
		me := r.share.mesh
		r.share.mu.Unlock()
		if me == nil {
			return false
		}
		for _, m := range me.Members() {
			if m.Device == device[of] {
				return m.Alive
			}
		}
		return false
	}
	until(t, "all to see each other", func() bool { return near(w.admin, stays) && near(w.admin, lost) && near(stays, lost) })
	if _, err := w.admin.Revoke(t.Context(), w.admin.token, "AMB-3", "stolen"); err != nil {
		t.Fatal(err)
	}
	key := string(w.admin.share.gossipKey())
	until(t, "the member to take up the new key", func() bool { return string(stays.share.gossipKey()) == key })
	until(t, "both to see each other again, and the lost one no more", func() bool {
		return near(w.admin, stays) && near(stays, w.admin) && !near(w.admin, lost) && !near(stays, lost)
	})
	if err := w.admin.share.admit(lostKey); err == nil {
		t.Error("the withdrawn tablet may still connect")
	}
}
