package parcel

import (
	"crypto/sha256"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// The labels that begin what is hashed, sealed or signed here.
const (
	labelTeam = "fieldkit parcel team 1\x00"
	labelSlot = "fieldkit parcel slot 1\x00"
	labelKey  = "fieldkit parcel key 1\x00"
	labelSign = "fieldkit parcel sign 1\x00"
)

func digest(label string, parts ...[]byte) [32]byte {
	h := sha256.New()
	h.Write([]byte(label))
	for _, p := range parts {
		h.Write(p)
	}
	return [32]byte(h.Sum(nil))
}

// teamHint tells a reader at once that a parcel is another team's.
func teamHint(id [16]byte, team journal.TeamID) (h [8]byte) {
	d := digest(labelTeam, id[:], team[:])
	copy(h[:], d[:])
	return h
}

// slotHint tells an addressee which slot is its own, and nobody else whose.
func slotHint(id [16]byte, d chart.Device) (h [8]byte) {
	v := digest(labelSlot, id[:], d[:])
	copy(h[:], v[:])
	return h
}
