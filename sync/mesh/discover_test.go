package mesh

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// said is an mDNS answer of one instance, as RFC 6763, section 12.1, has it: the
// pointer, and beside it service, text and addresses.
func said(t testing.TB, instance string, port uint16, text []string, addrs ...string) dnsmessage.Message {
	t.Helper()
	name := func(s string) dnsmessage.Name {
		n, err := dnsmessage.NewName(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	at := func(n string) dnsmessage.ResourceHeader {
		return dnsmessage.ResourceHeader{Name: name(n), Class: dnsmessage.ClassINET, TTL: 120}
	}
	host := instance + ".local."
	service := instance + "." + serviceName
	m := dnsmessage.Message{Header: dnsmessage.Header{Response: true, Authoritative: true}}
	m.Answers = []dnsmessage.Resource{{Header: at(serviceName), Body: &dnsmessage.PTRResource{PTR: name(service)}}}
	m.Additionals = []dnsmessage.Resource{
		{Header: at(strings.ToUpper(service)), Body: &dnsmessage.SRVResource{Port: port, Target: name(host)}},
		{Header: at(service), Body: &dnsmessage.TXTResource{TXT: text}},
	}
	for _, a := range addrs {
		ip := netip.MustParseAddr(a)
		if ip.Is4() {
			m.Additionals = append(m.Additionals, dnsmessage.Resource{Header: at(host), Body: &dnsmessage.AResource{A: ip.As4()}})
		} else {
			m.Additionals = append(m.Additionals, dnsmessage.Resource{Header: at(host), Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
		}
	}
	return m
}

func packed(t testing.TB, m dnsmessage.Message) []byte {
	t.Helper()
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOnlyAnswersOfOurTeamAreTakenForStations(t *testing.T) {
	team := hint([]byte("0123456789abcdef0123456789abcdef"))
	question := said(t, "clinic", 7701, []string{team}, "10.0.0.7")
	question.Response = false
	cut := packed(t, said(t, "clinic", 7701, []string{team}, "10.0.0.7"))
	for _, row := range []struct {
		name   string
		answer []byte
		want   []string
	}{
		{"a station of the team", packed(t, said(t, "clinic", 7701, []string{team}, "10.0.0.7")), []string{"10.0.0.7:7701"}},
		{"with two addresses and more text", packed(t, said(t, "clinic", 7701, []string{"x", team}, "10.0.0.7", "2001:db8::7")), []string{"10.0.0.7:7701", "[2001:db8::7]:7701"}},
		{"of another team", packed(t, said(t, "clinic", 7701, []string{"0123456789abcdef"}, "10.0.0.7")), nil},
		{"a printer", packed(t, said(t, "printer", 631, []string{"txtvers=1"}, "10.0.0.8")), nil},
		{"without an address", packed(t, said(t, "clinic", 7701, []string{team})), nil},
		{"at port 0", packed(t, said(t, "clinic", 0, []string{team}, "10.0.0.7")), nil},
		{"at addresses that lead back here or nowhere", packed(t, said(t, "clinic", 7701, []string{team}, "127.0.0.1", "0.0.0.0", "224.0.0.251", "fe80::1")), nil},
		{"a question", packed(t, question), nil},
		{"cut short", cut[:len(cut)-3], nil},
		{"nothing", nil, nil},
	} {
		var got []string
		for _, at := range readAnswer(row.answer, team) {
			got = append(got, at.String())
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%s: %q, wanted %q", row.name, got, row.want)
		}
	}
}

func TestTheQuestionAsksForAnAnswerToTheAskerAlone(t *testing.T) {
	var m dnsmessage.Message
	if err := m.Unpack(question()); err != nil {
		t.Fatal(err)
	}
	// RFC 6762, section 18.12: the top bit of the class.
	if q := m.Questions; len(q) != 1 || q[0].Class != 0x8001 || q[0].Type != dnsmessage.TypePTR || q[0].Name.String() != "_fieldkit._tcp.local." {
		t.Errorf("asks %+v", q)
	}
	if m.Response || m.RecursionDesired {
		t.Error("it is no mDNS question")
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(packed(f, said(f, "clinic", 7701, []string{"our hint"}, "10.0.0.7", "2001:db8::7")))
	f.Add(question())
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, at := range readAnswer(b, "our hint") {
			if at.Port() == 0 || !at.Addr().IsGlobalUnicast() {
				t.Errorf("found %v", at)
			}
		}
	})
}
