// Package exchange brings the records of two stations level, over any net.Conn,
// and keeps them level while the connection stands. It never decides what is
// true: whatever arrives goes to the Ledger, which verifies it before it counts.
// It never shows, logs or keeps anything that a body says.
//
// # Hello
//
// Both sides speak at once: the format versions they know, the team, one digest
// of everything they hold, and a clock sample. Equal digests end it there, one
// round trip after the TLS handshake. Otherwise each lists a digest per device,
// and then, for the devices that differ alone, how far it knows each epoch.
//
// # Range
//
// What one side lacks of one epoch. The side that lacks asks; the other sends
// whole pieces (from seal to seal), so that a broken connection costs at most
// the piece under way. Order: team, chart, supply, audit; within a log the
// newest epoch first. The stream log is sent by explicit range alone (Fetch).
//
// # Push and offer
//
// A station sends what it wrote as soon as it is committed. What others wrote it
// offers, a little later and only to peers that are not known to hold it: the
// peer asks if it still lacks it. Both are hints; the next hello repairs a loss.
//
// # Parting
//
// A device whose key was withdrawn is refused; before the goodbye it is sent the
// entries of the team log that say so, which it verifies like any others.
//
// # Stalled
//
// A contact that stands though nothing gets through: a ping was not answered in
// three seconds and as long as the slowest line would have needed for what was
// sent. It is not given up, but a new one may be made beside it and takes over,
// and ranges it was to bring are asked of others. TCP alone would find out in a
// minute, or wait half a minute after the line is whole again.
// A peer that answers pings and sends nothing new of what it was asked for is passed
// over likewise, after forty seconds.
//
// # View
//
// The record as one peer may see it whose grant leaves something out. A member
// gets every envelope, so that chains stay whole, and the bodies it may read; a
// guest knows only of epochs that hold such a body. A peer that only reads, such as a
// station on no roster, is sent its part, and nothing is taken from it. It is told,
// in a vouch, whose keys signed what it is sent.
//
// # Account of bodies
//
// What is held of bodies, apart from envelopes. A sender tells a peer of narrow
// grant, per epoch, the tally of the bodies it may have: all of them at the first
// contact after either started, later what has changed. A receiver that has others
// asks for those that are absent, entry by entry. One that is granted everything
// asks every peer by itself, because whoever had the envelopes may not have had the
// bodies. Of the stream only those are asked for whose envelopes were fetched.
//
// # Wire
//
// TLS 1.3 with both keys checked against the roster (see Roster). Inside, frames:
// four bytes of length, big-endian; one byte of kind, its top bit set when the
// rest is a zstd frame; the message. Numbers are unsigned LEB128 unless a width
// is given, times are eight bytes, big-endian. A reader ignores bytes after the
// last field it knows and kinds it does not know, so that peers one format
// version apart work.
package exchange
