// Package identity is who belongs to a team and how they know each other: device
// keys, the genesis, the roster, enrolment, revocation, staff, and the TLS
// configuration that trusts nothing but keys. It is pure: no disk, no network,
// no clock of its own. It never asks a server, never trusts a name or an address
// and never lets a date decide who is in: tablets have wrong clocks.
//
// # Device
//
// A tablet with its Ed25519 key; its name is the SHA-256 of the public half.
//
// # Genesis
//
// The first fact of a team: its name, its first admin and the public halves of
// its recovery secret. Its hash is the team's id, so it vouches for itself.
//
// # Roster
//
// The fold of the team log: who is in, who may change it, and up to which entry
// each key is trusted. Equal sets of entries give equal rosters in any order.
//
// # Recovery
//
// One 32-byte secret on paper, which readmits when no admin can. Its signing key
// writes a team log like a device's and is never out.
//
// The facts are contents of the team log with types 900 to 999.
package identity
