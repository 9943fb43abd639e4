package kit

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Version is the program's version; the build sets it.
var Version = "0.1.0-dev"

// Settings is how a station is started. It holds no secret: the parent hands it
// to its children in their environment.
type Settings struct {
	Dir string `json:"dir"`
	// Listen is the address of the record exchange, host:port; gossip takes the
	// next port. "" is all addresses, port 7700.
	Listen string   `json:"listen,omitempty"`
	Join   []string `json:"join,omitempty"` // gossip addresses of peers to look for
	// Ports are lines to watch beside those the system lists: a pty, tcp:host:port,
	// udp:host:port.
	Ports      []string `json:"ports,omitempty"`
	OnlyPorts  bool     `json:"only_ports,omitempty"`  // watch no other
	ListenOnly []string `json:"listen_only,omitempty"` // ports on which nothing is ever sent
	// Announcements is the UDP address on which monitors on the network announce
	// themselves; "" is the monitors' own on all networks unless OnlyPorts, and for a
	// hospital [Off]: its monitors are other wards'.
	Announcements string `json:"announcements,omitempty"`
	// Bluetooth are the addresses of Bluetooth devices to read, or [Any] for every one
	// in reach, also a bystander's; empty is none.
	Bluetooth []string `json:"bluetooth,omitempty"`
	// HL7 is the address to which monitors connect to send HL7, host:port; "" is none.
	HL7 string `json:"hl7,omitempty"`
	// Hospital is the address of the receiving gateway, https://host[:port];
	// HospitalPin is the SHA-256 of its certificate in hex.
	Hospital    string `json:"hospital,omitempty"`
	HospitalPin string `json:"hospital_pin,omitempty"`
	// Serve is the address of the page and the gateway, host:port; "" serves none.
	Serve string `json:"serve,omitempty"`
	// Relay is a relay through which this hospital is reached from outside, host:port;
	// "" where it is reached directly.
	Relay string `json:"relay,omitempty"`
	// Loopback lets WebRTC use 127.0.0.1, for trials on one machine.
	Loopback bool `json:"loopback,omitempty"`
}

// settingsVariable carries the settings from parent to child.
const settingsVariable = "FIELDKIT_SETTINGS"

// Environment is the settings as an environment variable for a child.
func (s Settings) Environment() (string, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("write settings: %w", err)
	}
	return settingsVariable + "=" + string(b), nil
}

// InheritedSettings reads what Environment wrote.
func InheritedSettings() (s Settings, err error) {
	if err := json.Unmarshal([]byte(os.Getenv(settingsVariable)), &s); err != nil {
		return s, fmt.Errorf("read settings from the parent: %w", err)
	}
	return s, nil
}

// Nameplate is what a station is, readable before anyone has unlocked it. It
// holds nothing of any person.
type Nameplate struct {
	Kind     string `json:"kind"` // ambulance, clinic, kiosk, hospital
	CallSign string `json:"call_sign"`
	Site     string `json:"site,omitempty"`
	// Training marks a folder that never holds a real patient's record.
	Training bool `json:"training,omitempty"`
}

const nameplateFile = "station.json"

func readNameplate(dir string) (n Nameplate, err error) {
	b, err := os.ReadFile(filepath.Join(dir, nameplateFile))
	if errors.Is(err, os.ErrNotExist) {
		return n, fmt.Errorf("there is no station in %s: make one with 'init'", dir)
	}
	if err == nil {
		err = json.Unmarshal(b, &n)
	}
	if err != nil {
		return n, fmt.Errorf("read %s: %w", nameplateFile, err)
	}
	return n, nil
}

func writeNameplate(dir string, n Nameplate) error {
	b, err := json.MarshalIndent(n, "", "\t")
	if err == nil {
		err = replaceFile(filepath.Join(dir, nameplateFile), append(b, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", nameplateFile, err)
	}
	return nil
}

// KindOf is of what kind the station in dir is, by its own word.
func KindOf(dir string) (string, error) {
	n, err := readNameplate(dir)
	return n.Kind, err
}
