package kit

import (
	"os"
	"strings"
	"testing"
	"time"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
)

func TestAParcelThatDoesNotBelongIsSaidInWordsAndChangesNothing(t *testing.T) {
	admin, token, _ := founded(t)
	k, own, made := newcomer(t, admin, token, "CLN-2")
	if _, err := admin.Approve(t.Context(), token, api.Approval{Answer: made.Answer}); err != nil {
		t.Fatal(err)
	}
	third, thirdToken, made := newcomer(t, admin, token, "AMB-3")
	if _, err := admin.Approve(t.Context(), token, api.Approval{Answer: made.Answer}); err != nil {
		t.Fatal(err)
	}
	carry(t, admin, token, third, thirdToken)
	patient(t, third, thirdToken, "by one whom the newcomer does not know yet")
	carry(t, third, thirdToken, admin, token)
	stranger, strangerToken, _ := founded(t)
	encounter := patient(t, admin, token, "found sitting")

	dir := t.TempDir()
	whole := dir + "/whole"
	packed, err := admin.ParcelOut(t.Context(), token, api.Parcel{Path: whole})
	if err != nil || packed.For != 2 || packed.Entries == 0 {
		t.Fatalf("%+v, %v", packed, err)
	}
	b, err := os.ReadFile(whole)
	if err != nil || int64(len(b)) != packed.Bytes {
		t.Fatal(len(b), err)
	}
	if strings.Contains(string(b), "found sitting") || strings.Contains(string(b), "AMB-1") {
		t.Error("the file can be read by whoever finds the stick")
	}
	if _, err := os.Stat(whole + partSuffix); err == nil {
		t.Error("a part file was left behind")
	}
	put := func(name string, b []byte) string {
		path := dir + "/" + name
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	flipped := append([]byte(nil), b...)
	flipped[len(flipped)-200] ^= 1
	for _, c := range []struct {
		story, says string
		make        func() string
	}{
		{"an interrupted copy", "not complete", func() string { return put("cut", b[:len(b)-100]) }},
		{"a copy cut in its header", "not complete", func() string { return put("head", b[:60]) }},
		{"one bit changed", "damaged", func() string { return put("bit", flipped) }},
		{"something after its end", "damaged", func() string { return put("more", append(append([]byte(nil), b...), 'x')) }},
		{"a photograph", "not a parcel", func() string { return put("photo", []byte("\xff\xd8\xff\xe0 JFIF and so on and on")) }},
		{"an empty file", "not a parcel", func() string { return put("empty", nil) }},
		{"no file", "cannot be opened", func() string { return dir + "/none" }},
		{"not a whole path", "not absolute", func() string { return "parcel" }},
		{"for another tablet", "addressed to other", func() string {
			path := dir + "/third"
			if _, err := admin.ParcelOut(t.Context(), token, api.Parcel{Path: path, To: "AMB-3"}); err != nil {
				t.Fatal(err)
			}
			return path
		}},
	} {
		before := headsOf(t, k)
		_, err := k.ParcelIn(t.Context(), own, c.make())
		fault, ok := err.(*api.Fault)
		if !ok || !strings.Contains(err.Error(), c.says) || fault.Code == api.CodeFailed {
			t.Errorf("%s: %v, want %q", c.story, err, c.says)
		}
		if headsOf(t, k) != before {
			t.Errorf("%s: the record has changed", c.story)
		}
	}
	if _, err := stranger.ParcelIn(t.Context(), strangerToken, whole); err == nil || !strings.Contains(err.Error(), "another team") {
		t.Errorf("at another team: %v", err)
	}

	if got, err := k.ParcelIn(t.Context(), own, whole); err != nil || got.New != packed.Entries || got.From != "AMB-1" {
		t.Fatalf("brought in: %+v, %v", got, err)
	}
	if texts, _ := notes(t, k, own, encounter); len(texts) != 1 {
		t.Errorf("the newcomer reads %q", texts)
	}
	if got, err := k.ParcelIn(t.Context(), own, whole); err != nil || got.New != 0 || !strings.Contains(got.Says, "already here") {
		t.Errorf("the same again: %+v, %v", got, err)
	}
	note(t, admin, token, encounter, "later")
	carry(t, admin, token, k, own)
	if got, err := k.ParcelIn(t.Context(), own, whole); err != nil || got.New != 0 {
		t.Errorf("an old one after a newer: %+v, %v", got, err)
	}
	if texts, _ := notes(t, k, own, encounter); len(texts) != 2 {
		t.Errorf("after the old one it reads %q", texts)
	}
	if _, err := admin.ParcelOut(t.Context(), token, api.Parcel{Path: whole}); !isFault(err, api.CodeInvalid) {
		t.Errorf("a parcel is written over another file: %v", err)
	}
	if _, err := admin.ParcelOut(t.Context(), token, api.Parcel{Path: dir + "/self", To: "AMB-1"}); !isFault(err, api.CodeInvalid) {
		t.Errorf("a parcel for oneself: %v", err)
	}
	if _, err := stranger.ParcelOut(t.Context(), strangerToken, api.Parcel{Path: dir + "/alone"}); !isFault(err, api.CodeNotFound) {
		t.Errorf("a parcel for nobody: %v", err)
	}
}

// Who looked at whom is for admins: a stick must bring no more than the exchange does.
func TestAParcelBringsTheAuditLogToAdminsAlone(t *testing.T) {
	admin, token, _ := founded(t)
	encounter := patient(t, admin, token, "found sitting")
	in := watched{From: time.Now()}
	in.Token, in.Encounter = signedInER(t, admin), encounter
	if err := admin.live.watched(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	crew, crewToken, made := newcomer(t, admin, token, "CLN-2")
	if _, err := admin.Approve(t.Context(), token, api.Approval{Answer: made.Answer}); err != nil {
		t.Fatal(err)
	}
	second, secondToken, made := newcomer(t, admin, token, "ADM-2")
	if _, err := admin.Approve(t.Context(), token, api.Approval{Answer: made.Answer, Admin: true}); err != nil {
		t.Fatal(err)
	}
	readable := func(k *Kit) (n, withheld int) {
		for _, e := range audits(t, k) {
			if e.Absent == chart.Withheld {
				withheld++
			} else if _, ok := e.Content.(*chart.Watched); ok {
				n++
			}
		}
		return n, withheld
	}
	carry(t, admin, token, crew, crewToken)
	carry(t, admin, token, second, secondToken) // for the crew too
	for _, k := range []*Kit{crew, second} {
		if n, withheld := readable(k); n != 0 || withheld != 1 {
			t.Errorf("at %s %d entries of the audit log can be read and %d are withheld, want 0 and 1", k.plate.CallSign, n, withheld)
		}
		if texts, _ := notes(t, k, map[*Kit]api.Token{crew: crewToken, second: secondToken}[k], encounter); len(texts) != 1 {
			t.Errorf("at %s the chart reads %q", k.plate.CallSign, texts)
		}
	}
	path := t.TempDir() + "/admins"
	if _, err := admin.ParcelOut(t.Context(), token, api.Parcel{Path: path, To: "ADM-2"}); err != nil {
		t.Fatal(err)
	}
	if _, err := second.ParcelIn(t.Context(), secondToken, path); err != nil {
		t.Fatal(err)
	}
	if n, _ := readable(second); n != 1 {
		t.Errorf("an admin reads %d entries of the audit log of a parcel of its own, want 1", n)
	}
}

// headsOf is how far everything is held, as text.
func headsOf(t *testing.T, k *Kit) string {
	t.Helper()
	heads, err := k.store.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, h := range heads {
		b.WriteString(h.Ref(h.Seq).String() + " ")
	}
	return b.String()
}
