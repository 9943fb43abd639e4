package kit

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"fieldkit/devices"
	"fieldkit/devices/hl7"
	"fieldkit/devices/intellivue"
	"fieldkit/devices/netport"
	"fieldkit/devices/serialport"
)

// Off, in place of an address, means that it is not listened for.
const Off = "off"

// Lines are all ports on which monitors are looked for. They begin to listen when
// they are first listed, and end with Close.
type Lines struct {
	devices.Several
	network []interface{ Close() error }
}

// philipsGroup is the multicast group to which IntelliVue monitors announce
// themselves where they do not broadcast.
var philipsGroup = netip.MustParseAddr("224.0.23.63")

// NewLines are the lines that s names. Nothing is opened.
func NewLines(s Settings, log *slog.Logger) (*Lines, error) {
	serial, dialled := serialport.Ports{Only: s.OnlyPorts}, netport.Dialled{}
	for _, name := range s.Ports {
		network, err := netport.CheckAddress(name)
		switch {
		case err != nil:
			return nil, err
		case network:
			dialled.Addresses = append(dialled.Addresses, name)
		default:
			serial.Extra = append(serial.Extra, name)
		}
	}
	for _, name := range s.ListenOnly {
		if strings.HasPrefix(name, "udp:") {
			return nil, fmt.Errorf("nothing can be sent on %s and yet be heard: a monitor there says nothing unless it is asked. Leave it out of the lines to listen on only, or out of the lines", name)
		}
	}
	l := &Lines{Several: devices.Several{serial}}
	if len(dialled.Addresses) > 0 {
		l.Several = append(l.Several, dialled)
	}
	announcements := s.Announcements
	if announcements == "" && !s.OnlyPorts {
		announcements = net.JoinHostPort("", strconv.Itoa(intellivue.AnnouncePort))
	}
	if announcements != "" && announcements != Off {
		if _, _, err := net.SplitHostPort(announcements); err != nil {
			return nil, fmt.Errorf("%q is no address on which monitors announce themselves: write it like :%d, or %s", announcements, intellivue.AnnouncePort, Off)
		}
		announced := netport.NewAnnounced(netport.AnnouncedConfig{Address: announcements, Groups: []netip.Addr{philipsGroup}, Read: readAnnouncement})
		l.Several, l.network = append(l.Several, announced), append(l.network, announced)
	}
	if s.HL7 != "" && s.HL7 != Off {
		if _, _, err := net.SplitHostPort(s.HL7); err != nil {
			return nil, fmt.Errorf("%q is no address to which monitors can connect: write it like :2575", s.HL7)
		}
		accepted := netport.NewAccepted(netport.AcceptedConfig{Address: s.HL7, Kind: "mllp", Who: hl7.Sender, Refused: (&refusals{log: log}).note})
		l.Several, l.network = append(l.Several, accepted), append(l.network, accepted)
	}
	return l, nil
}

// Waits says that monitors on the network may appear by themselves.
func (l *Lines) Waits() bool { return len(l.network) > 0 }

// Close ends all listening, and waits.
func (l *Lines) Close() error {
	var errs []error
	for _, n := range l.network {
		errs = append(errs, n.Close())
	}
	return errors.Join(errs...)
}

// readAnnouncement reads what a monitor says of itself to all.
func readAnnouncement(b []byte) (netport.Announcement, bool) {
	i, ok := intellivue.ParseIndication(b)
	a := netport.Announcement{Product: strings.TrimSpace(i.Make + " " + i.Model), Port: cmp.Or(i.Port, intellivue.ExportPort)}
	switch {
	case i.MAC != "":
		a.Lasting = "mac:" + i.MAC
	case i.Serial != "":
		a.Lasting = "monitor:" + i.Make + " " + i.Serial
	}
	return a, ok
}

// refusals logs connections that were not taken, one in a while: whoever floods
// us with them must not fill the log.
type refusals struct {
	log *slog.Logger

	mu   sync.Mutex
	last time.Time
	more int
}

const refusalEvery = 10 * time.Second

func (r *refusals) note(peer netip.Addr, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.last) < refusalEvery {
		r.more++
		return
	}
	r.log.Warn("a monitor's connection was refused", "peer", peer, "reason", why, "others since", r.more)
	r.last, r.more = time.Now(), 0
}
