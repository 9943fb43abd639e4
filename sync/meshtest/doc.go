// Package meshtest runs many stations in one process: in-memory records, a
// simulated network and, in its tests, a virtual clock. It is for tests alone.
//
// # Ledger
//
// One station's record in memory, which verifies what it accepts as the store
// does and can be told to fail.
package meshtest
