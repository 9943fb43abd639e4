// Package meshtest runs many stations in one process: in-memory records, a
// simulated network and, in tests, a virtual clock (testing/synctest). It is for
// tests alone.
//
// # Ledger
//
// One station's record in memory, which verifies what it accepts as the store
// does and can be told to fail. It refuses a fork where the store keeps both
// branches.
//
// # Record
//
// What a street needs of a station's record: the ledger is one in memory;
// build/meshlab has the real store on real files.
//
// # Street
//
// Three to five stations that write, lose power at any write, fill their disks,
// drive out of range, come back from a backup, set their clocks wrong and are
// stolen and revoked, by seed. After healing every honest station must hold the
// same, every acknowledged entry must be there and none altered, and nothing more
// may come from the stolen one. The seed fixes what happens and when; which of
// two goroutines ready at one instant runs first, it does not. Under TLS, loss is
// lateness and nothing arrives twice or out of order within a connection; between
// connections it does.
package meshtest
