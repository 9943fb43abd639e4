// Package chart is what is known of a patient: the contents of entries, the fold
// from entries to a chart, and the merge rules. It is pure: no clock, no disk, no
// network, no goroutine. It never edits a fact: a correction is a new entry that
// names the old one, and both stay readable.
//
// # Entry
//
// One fact as the journal holds it: where it stands, what its writer had seen,
// when it happened, who says so, and its content or why the content is missing.
//
// # Content
//
// What an entry says, a plain struct with integer keys for the encoder in
// sync/journal. Keys are never reused.
//
// # Chart
//
// The fold of one encounter's entries: equal sets of entries give equal charts,
// in whatever order they came.
//
// # Saw
//
// What an entry's writer had folded before writing. Two entries of which neither
// writer had seen the other are concurrent; a clock never decides it.
package chart
