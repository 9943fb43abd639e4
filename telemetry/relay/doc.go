// Package relay lets a hospital be reached that can only dial out. A [Relay] runs on
// a public host; a hospital's [Door] keeps a connection to it. Vehicles and browsers
// dial the relay as if it were the hospital, and their TLS is passed on unread: it
// ends in the hospital, so the live link's signalling, the page and the record
// exchange work as they do at the hospital's own port. The relay holds no record,
// account, roster or long-lived key, never sees a clinical byte, and passes nothing
// on that is not TLS for a hospital on its list.
//
// # Hospital
//
// A device that may be reached here: it stands on the relay's list by its DeviceID,
// and proves its Ed25519 key by a signature over a value that only the two ends of
// this very TLS connection know (RFC 5705), so that no recording of it is of use and
// nobody between can pass it on. The relay's own certificate is made anew at each
// start and checked by nobody: whoever stands between hospital and relay can keep
// them apart as they could before, and gets ciphertext of a TLS that is not theirs.
//
// # Call
//
// What the relay tells a hospital when somebody has come for it: a token, good once
// and for some seconds. The hospital dials the relay anew, gives the token, and from
// then on that connection is the visitor's. One connection for each, so that none
// waits behind another.
//
// # Visitor
//
// Whoever dialled the relay. Which hospital it wants, it says by the name in TLS's
// first message; without one it is the only hospital there is. The first message is
// read and nothing else.
package relay
