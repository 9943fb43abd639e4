package kit

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fieldkit/app/api"
	"fieldkit/app/store"
	"fieldkit/sync/identity"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

var _ api.People = (*Kit)(nil)

// unnamed is the author of what is written by whoever opened the station with its
// passphrase. That is the station's own authority: it opens the store, so it may
// what the station may. Nobody on the staff is called so.
const unnamed = "unnamed"

// keptSecrets is under which name the store keeps who may sign in here.
const keptSecrets = "staff secrets"

// A PIN has six to twelve digits (NIST SP 800-63B-4 asks for six where tries are
// counted). It stands in no log and leaves this store in no form.
const (
	pinLeast, pinMost     = 6, 12
	badgeLeast, badgeMost = 4, 200 // bytes, as a reader gives them
)

// A verifier is how one person signs in at this station.
type verifier struct {
	Salt []byte `json:"salt,omitempty"` // of the PIN
	Hash []byte `json:"hash,omitempty"` // Argon2id, as an account's
	// Badge is a keyed hash: a badge says by itself whose it is, so it is looked up.
	Badge []byte `json:"badge,omitempty"`
	// Wrong tries since the last right one, and when the last was made.
	Tries int       `json:"tries,omitempty"`
	Tried time.Time `json:"tried,omitzero"`
}

// secrets are all verifiers of this station.
type secrets struct {
	BadgeKey []byte              `json:"badge_key"`
	Of       map[string]verifier `json:"of"` // by staff id
}

func (k *Kit) secrets(ctx context.Context) (s secrets, err error) {
	b, err := k.store.Kept(ctx, keptSecrets)
	switch {
	case errors.Is(err, store.ErrNotKept):
		s.BadgeKey = make([]byte, 32)
		rand.Read(s.BadgeKey)
		err = nil
	case err == nil:
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		return s, fmt.Errorf("read who may sign in: %w", err)
	}
	if s.Of == nil {
		s.Of = map[string]verifier{}
	}
	return s, nil
}

func (k *Kit) keepSecrets(ctx context.Context, s secrets) error {
	b, err := json.Marshal(s)
	if err == nil {
		err = k.store.Keep(ctx, keptSecrets, b)
	}
	if err != nil {
		return fmt.Errorf("keep who may sign in: %w", err)
	}
	return nil
}

// badge is what stands for a badge in the store.
func (s secrets) badge(text string) []byte {
	h := hmac.New(sha256.New, s.BadgeKey)
	h.Write([]byte(strings.TrimSpace(text)))
	return h.Sum(nil)
}

// person is one of the staff who has not left.
func (k *Kit) person(id string) (identity.PersonState, bool) {
	if r := k.share.roster.Load(); r != nil {
		if p, ok := r.Person(id); ok && p.May(identity.MayRead) {
			return p, true
		}
	}
	return identity.PersonState{}, false
}

// allow is the author behind a token who may do that kind of act, or why not. Who
// came in at a locked screen may not administer; who came in at the emergency
// room's page has the page's acts alone, which do not ask here.
func (k *Kit) allow(t api.Token, r identity.Right) (chart.Author, error) {
	in, err := k.sessions.signedIn(t)
	if err != nil {
		return chart.Author{}, err
	}
	may := false
	switch in.by {
	case byPassphrase:
		may = true
	case byEmergency:
		may = r != identity.MayAdminister
	case byPerson:
		p, ok := k.person(in.author.Staff)
		may = ok && p.May(r)
	}
	if !may {
		do := "Have somebody do it whose role allows it."
		if r == identity.MayAdminister {
			do = "Sign in as somebody with the role admin, or with the station's passphrase."
		}
		return chart.Author{}, &api.Fault{Code: api.CodeRefused, What: "the role of whoever is signed in does not allow that", Do: do}
	}
	return in.author, nil
}

// Faces implements api.People.
func (k *Kit) Faces(ctx context.Context) ([]api.Face, error) {
	faces := []api.Face{}
	if k.store.Locked() {
		return faces, nil
	}
	s, err := k.secrets(ctx)
	if err != nil {
		return nil, storeFault(err)
	}
	for id, v := range s.Of {
		if p, ok := k.person(id); ok {
			faces = append(faces, api.Face{ID: id, Name: p.Name, PIN: v.Hash != nil, Badge: v.Badge != nil})
		}
	}
	slices.SortFunc(faces, func(a, b api.Face) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return faces, nil
}

// errSignIn is what a wrong PIN, a wrong name and a strange badge all get.
func errSignIn() error {
	return &api.Fault{Code: api.CodeRefused, What: "that does not sign anybody in here", Do: fmt.Sprintf("Try again; after %d wrong tries it takes a minute. A first PIN or badge is set at this station by an admin.", lockedOutAfter)}
}

// SignIn implements api.People. A store that is locked is opened by a PIN that has a
// slot of its own, which needs this computer's keyring.
func (k *Kit) SignIn(ctx context.Context, t api.Token, in api.SignIn) (api.Session, error) {
	id, author, err := k.prove(ctx, in)
	if err != nil {
		k.refusedSecret(ctx, in)
		return api.Session{}, err
	}
	k.show(ctx, chart.ID{})
	fresh := k.sessions.begin(author, byPerson)
	how := howPIN
	if author.Checked == chart.CheckedBadge {
		how = howBadge
	}
	k.cameIn(ctx, fresh, how, atStation)
	if t != "" {
		k.live.handOver(t, fresh)
		k.wentOut(ctx, k.sessions.end(t))
	}
	k.log.Info("somebody signed in", "checked", author.Checked)
	p, _ := k.person(id)
	return sessionOf(fresh, author, p), nil
}

// prove is whose PIN or badge that is, of a store that is open or that the PIN opens.
// A store that was opened for somebody whom the PIN is not is closed again, and
// nobody else comes in meanwhile.
func (k *Kit) prove(ctx context.Context, in api.SignIn) (id string, author chart.Author, err error) {
	k.opening.RLock()
	if !k.store.Locked() {
		defer k.opening.RUnlock()
		return k.checkSecret(ctx, in)
	}
	k.opening.RUnlock()
	if in.PIN == "" {
		return "", author, storeFault(store.ErrLocked)
	}
	k.opening.Lock()
	defer k.opening.Unlock()
	ours := k.store.Locked() // somebody else may have opened it by now
	if ours {
		if err := k.openWith(ctx, store.PIN(in.PIN)); err != nil {
			if errors.Is(err, store.ErrNoSecrets) || errors.Is(err, store.ErrWrongKey) {
				return "", author, &api.Fault{Code: api.CodeLocked, What: "the store is locked and that PIN does not open it", Do: "Try again, or unlock it with the passphrase."}
			}
			return "", author, storeFault(err)
		}
	}
	id, author, err = k.checkSecret(ctx, in)
	if err != nil && ours {
		err = errors.Join(err, k.lock())
	}
	return id, author, err
}

// openWith opens the store and its flows with a key.
func (k *Kit) openWith(ctx context.Context, key store.Key) error {
	if err := k.store.Unlock(ctx, key); err != nil {
		return err
	}
	k.turning.Lock()
	defer k.turning.Unlock()
	return k.begin(ctx)
}

// checkSecret is whose PIN or badge that is. The same work is done for a person who
// does not exist, so that names cannot be found by the clock.
func (k *Kit) checkSecret(ctx context.Context, in api.SignIn) (id string, author chart.Author, err error) {
	k.signingIn.Lock()
	defer k.signingIn.Unlock()
	s, err := k.secrets(ctx)
	if err != nil {
		return "", author, storeFault(err)
	}
	if in.Badge != "" {
		return k.checkBadge(s, in.Badge)
	}
	_, known := k.person(in.Person)
	v := s.Of[in.Person]
	if !known || v.Hash == nil {
		hashPassword(in.PIN, make([]byte, 16))
		return "", author, errSignIn()
	}
	if v.Tries >= lockedOutAfter && time.Since(v.Tried).Abs() < lockedOutFor {
		return "", author, &api.Fault{Code: api.CodeRefused, What: "too many wrong PINs for that person", Do: "Wait a minute and try again, or use the badge."}
	}
	// The try is counted before it is made, so that ending the process in between
	// does not make it free.
	v.Tries, v.Tried = v.Tries+1, time.Now().UTC()
	s.Of[in.Person] = v
	if err := k.keepSecrets(ctx, s); err != nil {
		return "", author, storeFault(err)
	}
	if subtle.ConstantTimeCompare(hashPassword(in.PIN, v.Salt), v.Hash) != 1 {
		return "", author, errSignIn()
	}
	v.Tries, v.Tried = 0, time.Time{}
	s.Of[in.Person] = v
	if err := k.keepSecrets(ctx, s); err != nil {
		return "", author, storeFault(err)
	}
	return in.Person, chart.Author{Staff: in.Person, Checked: chart.CheckedPIN}, nil
}

// strangeBadges counts the badges that were nobody's since the last that was
// somebody's, of the whole station: a badge does not say whose it would be. The
// count is in memory, so that a full disk keeps nobody out.
type strangeBadges struct {
	n    int
	last vital.Instant
}

// wait is for how long after the last no badge is read: not at all at first, then
// twice as long each time, up to lockedOutFor.
func (s strangeBadges) wait() time.Duration {
	if s.n < lockedOutAfter {
		return 0
	}
	return min(time.Second<<min(s.n-lockedOutAfter, 16), lockedOutFor)
}

// checkBadge is whose badge that is. Caller holds signingIn.
func (k *Kit) checkBadge(s secrets, badge string) (id string, author chart.Author, err error) {
	now := k.clock.Now()
	if wait := k.strange.wait(); now.Sub(k.strange.last) < wait {
		return "", author, &api.Fault{Code: api.CodeRefused, What: "too many badges that are nobody's here", Do: fmt.Sprintf("Wait %v and try again, or use the PIN.", wait)}
	}
	want := s.badge(badge)
	for id, v := range s.Of {
		if _, ok := k.person(id); ok && hmac.Equal(want, v.Badge) {
			k.strange = strangeBadges{}
			return id, chart.Author{Staff: id, Checked: chart.CheckedBadge}, nil
		}
	}
	k.strange = strangeBadges{k.strange.n + 1, now}
	return "", author, errSignIn()
}

func sessionOf(t api.Token, a chart.Author, p identity.PersonState) api.Session {
	checked := "PIN"
	if a.Checked == chart.CheckedBadge {
		checked = "badge"
	}
	return api.Session{
		Token: t, Person: p.ID, Name: p.Name, Role: p.Role, Checked: checked,
		MayRecord: p.May(identity.MayRecord), MayAdminister: p.May(identity.MayAdminister),
	}
}

// Session implements api.People.
func (k *Kit) Session(_ context.Context, t api.Token) (api.Session, error) {
	in, err := k.sessions.signedIn(t)
	if err != nil {
		return api.Session{}, err
	}
	if in.by == byPassphrase {
		return api.Session{Token: t, Role: identity.RoleAdmin, Checked: "passphrase", MayRecord: true, MayAdminister: true}, nil
	}
	if in.by == byEmergency {
		return api.Session{Token: t, Name: in.author.Staff, Checked: "nobody", MayRecord: true}, nil
	}
	p, ok := k.person(in.author.Staff)
	if in.by == byPage || !ok {
		return api.Session{Token: t, Person: in.author.Staff, Name: in.author.Staff, Checked: "PIN", MayRecord: ok || in.by == byPage}, nil
	}
	return sessionOf(t, in.author, p), nil
}

// Staff implements api.People.
func (k *Kit) Staff(ctx context.Context, t api.Token) ([]api.Person, error) {
	if _, err := k.sessions.check(t); err != nil {
		return nil, err
	}
	if _, err := k.homeIn(ctx); err != nil {
		return nil, err
	}
	s, err := k.secrets(ctx)
	if err != nil {
		return nil, storeFault(err)
	}
	out := []api.Person{}
	for _, p := range k.share.roster.Load().People() {
		_, here := s.Of[p.ID]
		out = append(out, api.Person{ID: p.ID, Name: p.Name, Role: p.Role, Left: p.Left, Disputed: p.Disputed, Here: here})
	}
	return out, nil
}

// PutPerson implements api.People.
func (k *Kit) PutPerson(ctx context.Context, t api.Token, p api.Person) error {
	if _, err := k.homeIn(ctx); err != nil {
		return err
	}
	author, m, err := k.administer(t, "Change the staff at an admin's station: it is the whole team's.")
	if err != nil {
		return err
	}
	p.ID, p.Name, p.Role = strings.TrimSpace(p.ID), strings.TrimSpace(p.Name), strings.ToLower(strings.TrimSpace(p.Role))
	if p.ID == unnamed {
		return &api.Fault{Code: api.CodeInvalid, What: fmt.Sprintf("nobody can be called %q: so are entries by whoever has only the passphrase", unnamed), Do: "Use a staff number or initials."}
	}
	_, err = k.act(ctx, m, m.signer, author, &identity.Person{ID: p.ID, Name: p.Name, Role: p.Role, Left: p.Left})
	return err
}

// SetSecret implements api.People. A first PIN or badge is given by whoever may
// administer, or holds the passphrase; a person changes their own by the old PIN.
func (k *Kit) SetSecret(ctx context.Context, t api.Token, in api.Secret) error {
	who, err := k.sessions.check(t)
	if err != nil {
		return err
	}
	if _, err := k.allow(t, identity.MayAdminister); err != nil {
		if who.Staff != in.Person {
			return err
		}
		if _, _, err := k.checkSecret(ctx, api.SignIn{Person: in.Person, PIN: in.Old}); err != nil {
			k.refusedSecret(ctx, api.SignIn{Person: in.Person, PIN: in.Old})
			return err
		}
	}
	if _, ok := k.person(in.Person); !ok {
		return &api.Fault{Code: api.CodeNotFound, What: "nobody on the staff has that id", Do: "'team staff' lists them; an admin adds one with 'team staff add'."}
	}
	if err := goodSecret(in); err != nil {
		return err
	}
	k.signingIn.Lock()
	defer k.signingIn.Unlock()
	s, err := k.secrets(ctx)
	if err != nil {
		return storeFault(err)
	}
	v := s.Of[in.Person]
	if in.Badge != "" {
		b := s.badge(in.Badge)
		for id, other := range s.Of {
			if id != in.Person && hmac.Equal(b, other.Badge) {
				return &api.Fault{Code: api.CodeInvalid, What: "that badge is another person's here", Do: "Give each person a badge of their own."}
			}
		}
		v.Badge = b
	}
	if in.PIN != "" {
		v.Salt = make([]byte, 16)
		rand.Read(v.Salt)
		v.Hash, v.Tries, v.Tried = hashPassword(in.PIN, v.Salt), 0, time.Time{}
	}
	s.Of[in.Person] = v
	if err := k.keepSecrets(ctx, s); err != nil {
		return storeFault(err)
	}
	if in.PIN == "" {
		return nil
	}
	return k.pinSlot(ctx, in.Person, in.PIN)
}

// pinSlot lets a PIN open the locked store too, where this computer's keyring keeps
// a second secret beside it. Where there is none the PIN signs in at an open store
// only, which is no fault.
func (k *Kit) pinSlot(ctx context.Context, person, pin string) error {
	slots, err := k.store.Slots(ctx)
	if err != nil {
		return storeFault(err)
	}
	err = k.store.AddSlot(ctx, store.Slot{Key: store.PIN(pin), Owner: person})
	if err != nil && !errors.Is(err, store.ErrNoSecrets) {
		return storeFault(err)
	}
	for _, slot := range slots {
		if slot.Kind == store.PINSlot && slot.Owner == person {
			if err := k.store.RemoveSlot(ctx, slot.ID); err != nil {
				return storeFault(err)
			}
		}
	}
	return nil
}

func goodSecret(in api.Secret) error {
	bad := func(what, do string) error { return &api.Fault{Code: api.CodeInvalid, What: what, Do: do} }
	if in.PIN == "" && in.Badge == "" {
		return bad("neither PIN nor badge is given", "")
	}
	if n := len(strings.TrimSpace(in.Badge)); in.Badge != "" && (n < badgeLeast || n > badgeMost) {
		return bad("that is no badge's number", "Hold the badge to the reader again.")
	}
	if in.PIN == "" {
		return nil
	}
	if len(in.PIN) < pinLeast || len(in.PIN) > pinMost || strings.Trim(in.PIN, "0123456789") != "" {
		return bad("the PIN is not a number of the right length", fmt.Sprintf("Use %d to %d digits.", pinLeast, pinMost))
	}
	steps := map[byte]bool{}
	for i := 1; i < len(in.PIN); i++ {
		steps[in.PIN[i]-in.PIN[i-1]] = true
	}
	if len(steps) == 1 && (steps[0] || steps[1] || steps[255]) {
		return bad("the PIN is one that everybody tries first", "Use digits that do not just repeat or count.")
	}
	return nil
}

// dismiss ends the sessions of those who have left.
func (k *Kit) dismiss(r *identity.Roster) {
	for t, in := range k.sessions.endWhere(func(in signedIn) bool {
		p, ok := r.Person(in.author.Staff)
		return in.by == byPerson && (!ok || !p.May(identity.MayRead))
	}) {
		k.live.signedOut(t)
		k.wentOut(context.Background(), in)
	}
}
