package kit

import (
	"log/slog"
	"strings"
	"testing"

	"fieldkit/build/foreign"
	"fieldkit/devices/bluetooth"
)

func TestLinesThatAreNamedWrongAreRefusedAtTheStart(t *testing.T) {
	for _, c := range []struct {
		name     string
		settings Settings
		wrong    string // a piece of what is said; "" when all is well
	}{
		{"nothing", Settings{}, ""},
		{"each kind", Settings{Ports: []string{"/dev/pts/9", "tcp:10.0.0.7:4001", "udp:10.0.0.7:24105"}, HL7: ":2575", Bluetooth: []string{Any}}, ""},
		{"announcements off", Settings{Announcements: Off}, ""},
		{"a monitor without its port number", Settings{Ports: []string{"udp:10.0.0.7"}}, "write it like udp:10.0.0.7:4001"},
		{"a network port that must be asked, and must not", Settings{Ports: []string{"udp:10.0.0.7:24105"}, ListenOnly: []string{"udp:10.0.0.7:24105"}}, "unless it is asked"},
		{"announcements nowhere", Settings{Announcements: "24005"}, "write it like :24005"},
		{"HL7 nowhere", Settings{HL7: "2575"}, "write it like :2575"},
	} {
		_, err := NewLines(c.settings, slog.New(slog.DiscardHandler))
		if (err == nil) != (c.wrong == "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%s: %v; want %q", c.name, err, c.wrong)
		}
	}
}

func TestAHospitalLeavesTheMonitorsOfOtherWardsAlone(t *testing.T) {
	for _, c := range []struct {
		settings Settings
		waits    bool
	}{
		{Settings{}, true},
		{Settings{OnlyPorts: true}, false},
		{Settings{Announcements: Off}, false},
		{Settings{OnlyPorts: true, Announcements: "127.0.0.1:24005"}, true},
		{Settings{OnlyPorts: true, HL7: "127.0.0.1:2575"}, true},
	} {
		l, err := NewLines(c.settings, slog.New(slog.DiscardHandler))
		if err != nil || l.Waits() != c.waits {
			t.Errorf("%+v: listens on the network %v (%v), want %v", c.settings, l.Waits(), err, c.waits)
		}
	}
	k, _ := newKit(t)
	dir := k.settings.Dir
	if !k.lines.Waits() {
		t.Error("an ambulance does not look for monitors on the network")
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	plate, err := readNameplate(dir)
	if err != nil {
		t.Fatal(err)
	}
	plate.Kind = "hospital"
	if err := writeNameplate(dir, plate); err != nil {
		t.Fatal(err)
	}
	h, err := Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if h.lines.Waits() {
		t.Error("a hospital takes the monitors of other wards")
	}
}

func TestARealMonitorsAnnouncement(t *testing.T) {
	// The UDP content of Koshsky/Intellivue-api's capture begins 42 bytes into its
	// Ethernet frame. The network card's number there is that of the frame's sender.
	var b []byte
	for line := range strings.Lines(string(foreign.Read(t, "devices", "philips", "connect-indication.hexdump.txt"))) {
		for _, x := range strings.Fields(line)[1:] {
			b = append(b, hexByte(x))
		}
	}
	a, ok := readAnnouncement(b[42:])
	if !ok || a.Lasting != "mac:0009fb88c1bd" || a.Product != "Philips 866062" || a.Port != 24105 {
		t.Errorf("%+v %v", a, ok)
	}
	if _, ok := readAnnouncement(b); ok {
		t.Error("a whole Ethernet frame is an announcement")
	}
}

func hexByte(s string) (b byte) {
	for _, c := range []byte(s) {
		b = b<<4 | byte(strings.IndexByte("0123456789abcdef", c))
	}
	return b
}

func TestWhatIsReadOfBluetoothDevices(t *testing.T) {
	c := bluetoothConfig([]string{"C0:00:00:00:00:01"})
	if len(c.Only) != 1 || len(bluetoothConfig([]string{"C0:00:00:00:00:01", Any}).Only) != 0 {
		t.Error("which devices are read is not what was said")
	}
	// A glucose meter refuses a request for its records until both are subscribed to.
	for _, n := range []uint16{0x2a18, 0x2a52} {
		found := false
		for _, m := range c.Measure {
			found = found || m == bluetooth.UUID(n)
		}
		if !found {
			t.Errorf("%04x is not subscribed to", n)
		}
	}
}
