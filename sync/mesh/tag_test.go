package mesh

import (
	"crypto/ed25519"
	"net/netip"
	"testing"
	"time"

	"fieldkit/sync/journal"
	"fieldkit/sync/meshtest"
	"fieldkit/triage/chart"
)

func TestATagIsGoodOnlyWhereItWasMade(t *testing.T) {
	key, thief := meshtest.Key("ambulance"), meshtest.Key("thief")
	public := key.Public().(ed25519.PublicKey)
	device := journal.DeviceOf(public)
	at := setting{journal.TeamID{7}, "node", netip.MustParseAddrPort("10.0.0.1:7946")}
	said := tag{kind: 2, port: 8443, time: time.UnixMilli(1772000000000), device: device, digest: journal.Digest{3}}
	good := said.sign(key, at)
	roster := func(d chart.Device) (ed25519.PublicKey, bool) { return public, d == device }
	flip := func(i int) string { b := []byte(good); b[i] ^= 1; return string(b) }
	other := said
	other.device = journal.DeviceOf(thief.Public().(ed25519.PublicKey))
	for _, row := range []struct {
		name string
		tag  string
		at   setting
		good bool
	}{
		{"where it was made", good, at, true},
		{"under another node's name", good, setting{at.team, "another", at.addr}, false},
		{"at another address", good, setting{at.team, at.node, netip.MustParseAddrPort("10.0.0.2:7946")}, false},
		{"in another team", good, setting{journal.TeamID{8}, at.node, at.addr}, false},
		{"signed by another's key", said.sign(thief, at), at, false},
		{"of a device on no roster", other.sign(thief, at), at, false},
		{"with another port", flip(2), at, false},
		{"with another digest", flip(50), at, false},
		{"of another version", flip(0), at, false},
		{"cut short", good[:len(good)-1], at, false},
		{"empty", "", at, false},
	} {
		v := verifier{roster, map[setting]string{}}
		for range 2 { // the second answer comes from memory
			got, err := v.verify(row.tag, row.at)
			if (err == nil) != row.good {
				t.Errorf("%s: %v", row.name, err)
			}
			if err == nil && got != said {
				t.Errorf("%s: read %+v", row.name, got)
			}
		}
	}
	if n := len(good); n > 150 {
		t.Errorf("a tag of %d bytes is spread to everybody", n)
	}
}

func FuzzTag(f *testing.F) {
	at := setting{journal.TeamID{7}, "node", netip.MustParseAddrPort("10.0.0.1:7946")}
	f.Add(tag{kind: 2}.sign(meshtest.Key("ambulance"), at))
	f.Fuzz(func(t *testing.T, s string) {
		v := verifier{func(chart.Device) (ed25519.PublicKey, bool) {
			return meshtest.Key("clinic").Public().(ed25519.PublicKey), true
		}, map[setting]string{}}
		if _, err := v.verify(s, at); err == nil {
			t.Error("a forged tag was believed")
		}
	})
}

func TestTheBestAddressIsAPrivateOne(t *testing.T) {
	for _, row := range []struct {
		addr string
		want int
	}{
		{"192.168.4.7", 3}, {"10.1.2.3", 3}, {"172.16.0.9", 3}, {"100.64.0.1", 2}, {"8.8.8.8", 2},
		{"2001:db8::1", 1}, {"127.0.0.1", 0}, {"169.254.1.1", 0}, {"fe80::1", 0}, {"224.0.0.1", 0}, {"0.0.0.0", 0},
	} {
		if got := worth(netip.MustParseAddr(row.addr)); got != row.want {
			t.Errorf("%s is worth %d, wanted %d", row.addr, got, row.want)
		}
	}
}

func TestALostPeerIsSoughtOftenAtFirstAndSeldomLater(t *testing.T) {
	for lost, most := range map[time.Duration]time.Duration{
		0: 2 * time.Second, time.Minute: 3 * time.Second, 10 * time.Minute: 30 * time.Second, 24 * time.Hour: time.Minute,
	} {
		if got := patience(lost); got != most {
			t.Errorf("lost for %v: sought every %v, wanted %v", lost, got, most)
		}
	}
}
