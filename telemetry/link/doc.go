// Package link is the two ends of one live link: the [Vehicle] that sends its
// patients' signs ten times a second and the [Hospital] that receives them, over
// radio that loses, queues, falls silent and changes address. It is the only
// importer of github.com/pion/... . It never reads a frame (telemetry/wave does),
// never holds a long-lived key (a [Signer] in another process does), and never
// keeps a record: what it loses the journal repairs.
//
// # Lane
//
// A way between the ends. UDP first, direct or through a relay: a peer connection
// with one RTP track each way carrying our own datagrams under SRTP; measured under
// 0 to 20 % loss this loses less and later than data channels, WebSocket or MQTT. Where UDP is shut, a WebSocket on the gateway's
// HTTPS port. Both carry the same datagrams, so everything below holds on either.
// One is dialled at a time while it gets on: two would share a slow line. How long
// the line took over TLS says how patient to be with all that follows.
//
// # Frame
//
// One tenth of a second, opaque here, numbered from 1 in each run of the vehicle.
// A datagram carries the newest and the three before it. The hospital asks for
// what is still missing, newest first and paced, for half a minute; then the gap
// is handed to the caller ([Handler].Lost) to fill from the journal. Above 5 % loss
// datagrams go twice, 40 ms apart.
//
// # Rung
//
// How much the link can carry ([Rung]): the caller drops waveforms by it, the
// crew's chosen one last. A growing queue moves it, never loss alone. Before a
// waveform goes, repeats go and frames share datagrams; a flood is drained by a
// moment of numbers alone.
//
// # Note
//
// A short reliable message, both ways: acknowledgements and read-backs. Notes ride
// in the same datagrams and are repeated until answered. The way back is an RTP
// track too, not RTCP APP packets, which stacks thin out, nor a data channel,
// whose one-second timer doubles to a minute in an outage.
//
// # Stream
//
// A reliable, ordered way for the record beside the frames, by data channel, where
// TCP is shut after the signalling ([Vehicle.Stream]). It takes what the frames
// leave: a queue halves it, frames that were asked for go first. What one key may
// seal is bounded, then the connection is renewed.
//
// # Connection
//
// Each has a fresh P-256 certificate; its fingerprint stands in the SDP, which
// both devices sign ([Terms]). An address change restarts ICE at once; where the
// gateway's answer does not come it is asked again on another line. A restart
// that fails costs the connection, for the library takes no offer back: another is
// dialled at once. One second of silence opens a parallel connection while the old
// one goes on trying; each is renewed after an hour. Nothing waits without a limit,
// and nothing is given up while its line still brings something.
package link
