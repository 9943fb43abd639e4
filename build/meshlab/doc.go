// Package meshlab runs the streets of sync/meshtest, seed for seed and held to the
// same invariants, over the real store on real files: a station that loses power is
// opened again from the bytes that were on its disk then, with a torn write behind
// them, and one that is restored comes back from a real backup. At the end every
// store is verified. A disk that is full refuses before the store is asked: how the
// store itself takes it is its own tests' matter.
package meshlab
