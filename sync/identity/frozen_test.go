package identity

import (
	"crypto/ed25519"
	"encoding/hex"
	"testing"
)

// What stands on paper and in every log for ever. The values were computed in
// Python from RFC 5869 (HKDF), RFC 7748, RFC 8032, RFC 8949 and arXiv 0901.4016,
// without this package: the secret is the bytes 0 to 31, and so is the seed of
// the device key.
func TestWhatStandsOnPaperNeverChanges(t *testing.T) {
	var secret Recovery
	for i := range secret {
		secret[i] = byte(i)
	}
	admin := ed25519.NewKeyFromSeed(secret[:])
	g, err := NewGenesis("north", admin, Member{Kind: Ambulance, Site: "site", CallSign: "A1"}, secret, [16]byte{7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7})
	if err != nil {
		t.Fatal(err)
	}
	team, err := TeamOf(g)
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct{ got, want string }{
		"recovery box key":     {hex.EncodeToString(g.RecoveryBox[:]), "41f35a1a680f181458a49cf4bedf8c13de58c4e8ed335c6564080d52a8c2aa3d"},
		"recovery signing key": {hex.EncodeToString(g.RecoverySign[:]), "e47077b1a0987aa36facd9f19a09a88e108acec75827b72aa390a1a09c771fe9"},
		"recovery words":       {secret.Paper(), "babad bamag bibaj bimal boban bomar bubat bumaz dabid damig dibij dimil dobin domir dubit dumiz zodun"},
		"device key":           {PublicOf(admin).String(), "0EGGFFZK-SR8BW7BG-VMCEEJY0-K5KY9NHG-KEJGTQRX-VJ3684JN-66W76YXJ"},
		"team":                 {hex.EncodeToString(team[:]), "858248116f8965dd367db5c4d7830ba8d67fcfc2e10afa543eb541a86669c63b"},
	} {
		if c.got != c.want {
			t.Errorf("%s is\n%s, wanted\n%s", what, c.got, c.want)
		}
	}
}
