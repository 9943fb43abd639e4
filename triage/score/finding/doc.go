// Package finding holds what a person or a monitor found on one patient, as the
// scores and sorts read it. It judges nothing and fills nothing in: what nobody
// said is unknown, and unknown is neither yes nor no nor a normal value.
//
// # Key
//
// One thing that can be found, with its name in JSON. [Table] lists them all.
//
// # Tri
//
// Yes, no or unknown.
//
// # Contradiction
//
// Two findings that cannot both be true, such as walking and unconscious. Nothing
// is scored or sorted from a contradiction.
package finding
