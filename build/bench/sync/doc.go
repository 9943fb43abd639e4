// Command sync measures how fast two stations come level, each a process of its
// own with real files: the exchange over TLS with signatures, app/store sealed at
// rest with synchronous=FULL, over loopback. Beside it, in the same run and by
// turns, PouchDB replicates from pouchdb-server's express-pouchdb, when npm can
// install them under a temporary folder; nothing of them is kept. PouchDB has
// neither TLS nor signatures here and leaves its syncing to LevelDB.
//
// Latencies stand beside the disk's own: a 4 KiB write with fsync, measured in the
// same run at the same pace. It prints and decides nothing.
//
//	go run ./build/bench/sync          20,000 entries of about 500 bytes
//	go run ./build/bench/sync -large   and 200,000, with the memory it took
package main
