// Package handover writes what a crew tells the emergency room, from the record.
// It is pure: a chart and a time in, items out. It adds nothing that no entry says,
// leaves out nothing because a mnemonic has no letter for it, and where the record
// is silent it says so.
//
// # Order
//
// The published order in which things are told: IMIST-AMBO (Iedema R et al, BMJ
// Qual Saf 2012;21:627: Identification, Mechanism or medical complaint, Injuries or
// information, Signs, Treatment and trends, then Allergies, Medications, Background,
// Other) or ATMIST (Age, Time of incident, Mechanism, Injuries, Signs, Treatment and
// time to arrival). ATMIST is followed here by what it has no letter for.
//
// # Item
//
// One thing to be told and read back, with the entries it comes from. What cannot
// be lost is critical: who it is, the signs that handovers lose most (Carter 2009,
// PubMed 19499462: pulse, pressure and coma scale), drugs, what was done, allergies
// and whether to resuscitate.
//
// Words are English, as the record's own; times are of the place that now is in.
package handover
