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
// # Fold and Chart
//
// The fold gathers one encounter's entries and makes charts of them: equal sets of
// entries give equal charts, in whatever order they came. A chart never changes.
//
// # Fact and standing
//
// An entry as the chart has it, and whether it counts: active, of a withdrawn
// tablet, amended, retracted, moved, of another encounter, or missing. Every entry
// is shown, whatever its standing.
//
// # Doubt
//
// A reason why the chart may not be the whole truth. A chart with doubts is not
// complete, and no check over it reads as passed.
//
// # Saw
//
// What an entry's writer had folded before writing. Two entries of which neither
// writer had seen the other are concurrent; a clock never decides it. Of values
// that exclude each other, those that nobody replaced having seen them stand side
// by side until a person writes again.
//
// # Dispute
//
// A matter on which entries written at once disagree, with what each side says and had
// seen, and the content by which a person settles it. A possible double dose is looked
// at and stays.
//
// # Index
//
// The patient list: one row per encounter, and which patients are one person.
package chart
