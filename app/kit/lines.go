package kit

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"fieldkit/devices"
	"fieldkit/devices/bluetooth"
	"fieldkit/devices/gatt"
	"fieldkit/devices/hl7"
	"fieldkit/devices/intellivue"
	"fieldkit/devices/netport"
	"fieldkit/devices/serialport"
)

// Off, in place of an address, means that it is not listened for; Any, in place of a
// device's, that every one is read.
const (
	Off = "off"
	Any = "any"
)

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
	if len(s.Bluetooth) > 0 {
		radio := bluetooth.New(bluetoothConfig(s.Bluetooth))
		l.Several, l.network = append(l.Several, radio), append(l.network, radio)
	}
	return l, nil
}

// bluetoothConfig is what is read of Bluetooth devices: what package gatt decodes.
// Polar's ECG is not among it: it must be asked for in a way that nobody has tried.
func bluetoothConfig(addresses []string) bluetooth.Config {
	if slices.Contains(addresses, Any) {
		addresses = nil
	}
	c := bluetooth.Config{
		Radio: bluetooth.System, Only: addresses, Driver: gatt.Driver{}.Name(),
		Ask: []bluetooth.Request{{Characteristic: bluetooth.UUID(uint16(gatt.RecordAccess)), Bytes: gatt.ReportAll()}},
	}
	// Heart rate, pulse oximeter, blood pressure, thermometer, glucose, continuous
	// glucose, weight: the numbers of the SIG's services.
	for _, n := range [...]uint16{0x180d, 0x1822, 0x1810, 0x1809, 0x1808, 0x181f, 0x181d} {
		c.Services = append(c.Services, bluetooth.UUID(n))
	}
	for _, n := range [...]gatt.Characteristic{gatt.Make, gatt.Model, gatt.Serial, gatt.Firmware, gatt.SessionStart} {
		c.Identify = append(c.Identify, bluetooth.UUID(uint16(n)))
	}
	for _, n := range [...]gatt.Characteristic{
		gatt.HeartRate, gatt.OximeterStream, gatt.OximeterSpot, gatt.BloodPressure, gatt.CuffPressure, gatt.Temperature,
		gatt.TemperatureSoFar, gatt.Glucose, gatt.RecordAccess, gatt.ContinuousGlucose, gatt.Weight, gatt.Battery,
	} {
		c.Measure = append(c.Measure, bluetooth.UUID(uint16(n)))
	}
	return c
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
