// Package parcel is the exchange as a sealed file, for a USB stick or any other
// carrier: what one station holds and others may lack. It never changes a record
// unless the whole file is there, is meant for this tablet and was made by one of
// the team; entries in it are verified as those from a connection are.
//
// # File
//
// A header in the clear: the mark, the format version, a random id, a hint of the
// team, and for each addressee the file's key sealed to its device key (HPKE,
// RFC 9180; the device's Ed25519 key as X25519). Whoever finds the stick learns
// size, number of addressees and nothing else. Then frames, each AES-256-GCM
// under the file's key with its number as nonce and the header as associated
// data: first what the sender holds, then pieces in the exchange's own bytes, at
// last the sender's signature over all before. A missing end shows.
package parcel
