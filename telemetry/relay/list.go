package relay

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"fieldkit/triage/chart"
)

// hospitalsMost bounds a list.
const hospitalsMost = 1000

// A Hospital may be reached at a relay.
type Hospital struct {
	Device chart.Device // SHA-256 of its Ed25519 public key
	// Names are those by which it is dialled. Without any it is reached where it is
	// the only one of the list.
	Names []string
}

// ParseHospital reads a hospital: 64 hex digits, then its names, parted by blanks or
// commas; "=" may stand after the digits.
func ParseHospital(text string) (h Hospital, err error) {
	fields := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' || r == '=' })
	if len(fields) == 0 {
		return h, fmt.Errorf("read a hospital: nothing is there; write the 64 hex digits of its device")
	}
	b, err := hex.DecodeString(fields[0])
	if err != nil || len(b) != len(h.Device) {
		return h, fmt.Errorf("read a hospital: %q is not the 64 hex digits of its device ('fieldkitd state --json' at the hospital: writer)", fields[0])
	}
	h.Device = chart.Device(b)
	for _, name := range fields[1:] {
		h.Names = append(h.Names, strings.ToLower(strings.TrimSuffix(name, ".")))
	}
	return h, nil
}

// ReadList reads hospitals, one a line; # begins a comment.
func ReadList(r io.Reader) (list []Hospital, err error) {
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		if strings.TrimSpace(text) == "" {
			continue
		}
		h, err := ParseHospital(text)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if list = append(list, h); len(list) > hospitalsMost {
			return nil, fmt.Errorf("read the list of hospitals: more than %d", hospitalsMost)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the list of hospitals: %w", err)
	}
	return list, Check(list)
}

// Check says what is wrong with a list: a device or a name that stands twice, or one
// of several hospitals without a name.
func Check(list []Hospital) error {
	devices, names := map[chart.Device]bool{}, map[string]bool{}
	for _, h := range list {
		if devices[h.Device] {
			return fmt.Errorf("the hospital %x stands twice on the list", h.Device[:4])
		}
		devices[h.Device] = true
		if len(h.Names) == 0 && len(list) > 1 {
			return fmt.Errorf("the hospital %x has no name: with several hospitals each needs one of its own, by which vehicles dial it", h.Device[:4])
		}
		for _, name := range h.Names {
			if names[name] {
				return fmt.Errorf("two hospitals have the name %s", name)
			}
			names[name] = true
		}
	}
	return nil
}

// wanted is the hospital that is dialled by a name, nil for none. The only one of a
// list is wanted by whatever name.
func wanted(list []Hospital, name string) *Hospital {
	if len(list) == 1 {
		return &list[0]
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if i := slices.IndexFunc(list, func(h Hospital) bool { return slices.Contains(h.Names, name) }); i >= 0 {
		return &list[i]
	}
	return nil
}
