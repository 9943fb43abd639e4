// Package journal is the truth of a station: append-only, hash-chained, signed
// logs, each written by one device. It is pure: no disk, no network, no clock of
// its own. It never edits an entry; a correction is a new entry.
//
// # Entry
//
// An envelope, which the chain covers, and a body, which the envelope names by
// hash and which may be withheld, pruned or erased while the chain still holds.
//
// # Log, epoch
//
// Each device writes five logs. A log is cut into epochs with random ids, so a
// restored disk image never reuses a number.
//
// # Head
//
// How far an epoch is known, with the hash that pins every envelope before it.
//
// # Seal
//
// An Ed25519 signature over how far a log reaches. Ranges are cut at seals.
//
// # Fork
//
// Two different entries at one place, both sealed. Both are kept, and people are
// told; nothing here decides between them.
//
// # HLC
//
// A hybrid logical clock's stamp, for display order only: what a writer had seen
// is in its body, and no clock decides it.
//
// FORMAT.md beside this file is normative.
package journal
