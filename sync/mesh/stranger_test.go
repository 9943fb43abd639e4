package mesh_test

import (
	"io"
	"log"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/memberlist"
	"github.com/hashicorp/serf/serf"

	"fieldkit/sync/mesh"
)

// stock is an unchanged Serf node that was given the gossip key.
func stock(t *testing.T, key []byte) *serf.Serf {
	t.Helper()
	c := serf.DefaultConfig()
	c.NodeName = "stock"
	c.LogOutput, c.Logger = nil, log.New(io.Discard, "", 0)
	c.MemberlistConfig = memberlist.DefaultLANConfig()
	c.MemberlistConfig.Logger = c.Logger
	c.MemberlistConfig.BindAddr, c.MemberlistConfig.BindPort, c.MemberlistConfig.AdvertisePort = "127.0.0.1", 0, 0
	ring, err := memberlist.NewKeyring(nil, key)
	if err != nil {
		t.Fatal(err)
	}
	c.MemberlistConfig.Keyring = ring
	s, err := serf.Create(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Shutdown() })
	return s
}

func TestAStockSerfAgentWithTheKeyJoinsAndIsIgnoredForData(t *testing.T) {
	r := rosterOf("ambulance", "clinic")
	a := start(t, "ambulance", r)
	a.write(t, 10)
	s := stock(t, gossipKey)
	if _, err := s.Join([]string{a.Gossip().String()}, true); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the ambulance shows a stranger", func() bool { return a.Strangers() == 1 && len(a.Members()) == 0 })
	eventually(t, "the stranger can list the ambulance and its tag", func() bool {
		return slices.ContainsFunc(s.Members(), func(m serf.Member) bool {
			return m.Status == serf.StatusAlive && len(m.Tags["fk"]) > 0 && m.Name != "stock"
		})
	})
	if p := a.exchange.Peers(); len(p) != 0 {
		t.Errorf("the ambulance exchanged with %v", p)
	}
	// It copies a good tag, asks, and shouts: still nothing.
	for _, m := range s.Members() {
		if tag := m.Tags["fk"]; tag != "" {
			s.SetTags(map[string]string{"fk": tag})
		}
	}
	if err := s.UserEvent("log head", []byte("is 99"), false); err != nil {
		t.Fatal(err)
	}
	answers, err := s.Query("who holds what", nil, &serf.QueryParam{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	for a := range answers.ResponseCh() {
		t.Errorf("%s answered a query with %q", a.From, a.Payload)
	}
	if len(a.Members()) != 0 {
		t.Error("a copied tag made the stranger a member")
	}
}

func TestAHolderOfTheGossipKeyCannotLockTheTeamOut(t *testing.T) {
	r := rosterOf("ambulance", "clinic")
	a := start(t, "ambulance", r)
	s := stock(t, gossipKey)
	if _, err := s.Join([]string{a.Gossip().String()}, true); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the stranger is in", func() bool { return a.Strangers() == 1 })
	const other = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI="
	s.KeyManager().InstallKey(other)
	s.KeyManager().UseKey(other)
	s.KeyManager().RemoveKey("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
	s.Shutdown()
	time.Sleep(time.Second)
	b := start(t, "clinic", r, func(c *mesh.Config) { c.Join = []string{a.Gossip().String()} })
	eventually(t, "the clinic joins with the team's key all the same", func() bool { return len(b.Members()) == 1 })
}

func TestWithoutTheGossipKeyNobodyJoins(t *testing.T) {
	a := start(t, "ambulance", rosterOf("ambulance"))
	s := stock(t, []byte("another key of 32 bytes, not ours"[:32]))
	if _, err := s.Join([]string{a.Gossip().String()}, true); err == nil {
		t.Error("a node with another key joined")
	}
	if a.Strangers() != 0 {
		t.Error("the ambulance shows it")
	}
}
