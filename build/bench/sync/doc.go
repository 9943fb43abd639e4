// Command sync measures how fast two stations come level, each a process of its
// own with real files: the exchange over TLS with signatures, app/store sealed at
// rest with synchronous=FULL, over loopback. Beside it, in the same run and by
// turns, PouchDB replicates from pouchdb-server's express-pouchdb, when npm can
// install them under a temporary folder; nothing of them is kept. PouchDB has
// neither TLS nor signatures here and does not ask LevelDB to sync what it writes: a
// note that it calls written may not survive a power cut. One row has LevelDB sync
// each write, as our store does, so that both promise the same.
//
// A single entry of ours costs two fsyncs in turn, one commit here and one there, and
// no more can be saved: to push before the writer's own commit would let a peer hold
// an entry that its writer lost, in an epoch whose head, once named by the next
// epoch, says otherwise.
//
// Latencies stand beside the disk's own: a 4 KiB write with fsync, measured in the
// same run at the same pace. It prints and decides nothing.
//
//	go run ./build/bench/sync          20,000 entries of about 500 bytes
//	go run ./build/bench/sync -large   and 200,000, with the memory it took
package main
