package kit

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
)

func TestATabletStolenYesterdayIsTrustedOnlyUntilThen(t *testing.T) {
	for _, c := range []struct {
		story string
		since func(noon time.Time, stolen, back chart.Ref) api.Revocation
		apart []string
	}{
		{"since an hour", func(noon time.Time, _, _ chart.Ref) api.Revocation {
			at := noon.Add(2 * time.Hour)
			return api.Revocation{Since: &at}
		}, []string{"by the thief", "by the thief, the clock set back", "after another start"}},
		{"since an entry", func(_ time.Time, stolen, _ chart.Ref) api.Revocation {
			return api.Revocation{From: &stolen}
		}, []string{"by the thief", "by the thief, the clock set back", "after another start"}},
		{"since a later entry", func(_ time.Time, _, back chart.Ref) api.Revocation {
			return api.Revocation{From: &back}
		}, []string{"by the thief, the clock set back", "after another start"}},
		{"since tomorrow", func(noon time.Time, _, _ chart.Ref) api.Revocation {
			at := noon.Add(48 * time.Hour)
			return api.Revocation{Since: &at}
		}, nil},
		{"since before it was bought", func(noon time.Time, _, _ chart.Ref) api.Revocation {
			at := noon.Add(-48 * time.Hour)
			return api.Revocation{Since: &at}
		}, []string{"before", "after a start", "by the thief", "by the thief, the clock set back", "after another start"}},
	} {
		t.Run(c.story, func(t *testing.T) {
			admin, token, _ := founded(t)
			k, own, made := newcomer(t, admin, token, "CLN-2")
			if _, err := admin.Approve(t.Context(), token, api.Approval{Answer: made.Answer}); err != nil {
				t.Fatal(err)
			}
			carry(t, admin, token, k, own)
			noon := time.Date(2028, 5, 1, 12, 0, 0, 0, time.UTC)
			at := noon
			dial := func() { k.clock.wall = func() time.Time { return at } }
			again := func() {
				dir := k.settings.Dir
				if err := k.Close(); err != nil {
					t.Fatal(err)
				}
				k, own = opened_(t, dir)
				dial()
			}
			dial()
			encounter := patient(t, k, own, "before")
			again()
			at = noon.Add(time.Hour)
			note(t, k, own, encounter, "after a start")
			at = noon.Add(3 * time.Hour)
			stolen := note(t, k, own, encounter, "by the thief")
			at = noon.Add(-20 * time.Hour)
			back := note(t, k, own, encounter, "by the thief, the clock set back")
			again()
			note(t, k, own, encounter, "after another start")
			carry(t, k, own, admin, token)
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
				slices.Sort(out)
				return out
			}
			r := c.since(noon, stolen, back)
			r.Device, r.Why, r.Try = "CLN-2", "stolen yesterday", true
			tried, err := admin.RevokeSince(t.Context(), token, r)
			behind := slices.ContainsFunc(tried.Apart, func(a api.Apart) bool { return a.Behind })
			if want := c.apart == nil; behind != want { // the last trusted one is of the clock that was set back
				t.Errorf("the clock was set back: said %v, want %v", behind, want)
			}
			if err != nil || !tried.Tried || tried.Out || apart() != nil {
				t.Fatalf("tried: %+v, %v; apart %q", tried, err, apart())
			}
			r.Try = false
			done, err := admin.RevokeSince(t.Context(), token, r)
			if err != nil || !done.Out || !slices.EqualFunc(done.Apart, tried.Apart, func(a, b api.Apart) bool { return a.Log == b.Log && a.Entries == b.Entries && a.Trusted == b.Trusted }) {
				t.Fatalf("done: %+v, %v; tried %+v", done, err, tried)
			}
			slices.Sort(c.apart)
			if got := apart(); !slices.Equal(got, c.apart) {
				t.Errorf("set apart: %q, want %q", got, c.apart)
			}
			for _, a := range done.Apart {
				if more := a.Log == "chart" && len(c.apart) == 5; a.Log == "chart" && int(a.Entries) < len(c.apart) || more && (a.Trusted != 0 || a.Last != nil) {
					t.Errorf("it says %+v", a)
				}
			}
		})
	}
}

func TestWhatCannotBeSinceIsSaid(t *testing.T) {
	admin, token, _ := founded(t)
	k, own, made := newcomer(t, admin, token, "CLN-2")
	if _, err := admin.Approve(t.Context(), token, api.Approval{Answer: made.Answer}); err != nil {
		t.Fatal(err)
	}
	carry(t, admin, token, k, own)
	mine := note(t, admin, token, patient(t, admin, token, "x"), "of another tablet")
	now := time.Now()
	for story, c := range map[string]struct {
		r    api.Revocation
		says string
	}{
		"neither":                    {api.Revocation{Device: "CLN-2", Why: "x"}, "either a time or an entry"},
		"both":                       {api.Revocation{Device: "CLN-2", Why: "x", Since: &now, From: &mine}, "either a time or an entry"},
		"an entry of another tablet": {api.Revocation{Device: "CLN-2", Why: "x", From: &mine}, "no entry of that device"},
		"no reason":                  {api.Revocation{Device: "CLN-2", Since: &now}, "no reason"},
		"the only admin":             {api.Revocation{Device: "AMB-1", Why: "x", Since: &now}, "only admin"},
		"an entry that is not held":  {api.Revocation{Device: "CLN-2", Why: "x", From: &chart.Ref{Seq: 9}}, "no entry of that device"},
		"a device that nobody knows": {api.Revocation{Device: "CLN-9", Why: "x", Since: &now}, "nobody on the roster"},
	} {
		if _, err := admin.RevokeSince(t.Context(), token, c.r); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", story, err)
		}
	}
}
