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
// # Seal
//
// An Ed25519 signature over how far a log reaches. Ranges are cut at seals.
//
// FORMAT.md beside this file is normative.
package journal
