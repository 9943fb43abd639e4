// Package store keeps the journals of one station on its disk, sealed at rest.
// It is the only package that knows of SQLite. It never edits an entry, never
// writes a name, an id, a drug or a number in the clear, and never calls a thing
// stored that a power cut could still take.
//
// # Root key, slot
//
// A store hangs from one random 32-byte root key. A slot is that key wrapped for
// one way of opening the store: a passphrase, a PIN with a secret of the
// operating system beside it, the team's recovery key, or a key file. Changing a
// passphrase rewraps the root; nothing else is sealed again.
//
// # Blob, data key
//
// Every entry is one AES-256-GCM blob with a random nonce and the entry's place
// as associated data, so a blob moved elsewhere does not open. Data keys are
// numbered and come from the root by HKDF; a blob names its number; the next
// begins at 2^31 blobs.
//
// # Lookup
//
// Eight bytes of a keyed hash of the encounter lead to its entries. It is
// confirmed after opening, because eight bytes may collide.
//
// # Card
//
// One line of the patient index: which entries an encounter has and the few that
// name the patient. Cards are in memory and, sealed, on disk.
//
// # Absent body
//
// One that was withheld, or is on its way: it may come later, from whoever has it.
// Its entry is found by a lookup of its own.
//
// # What leaks
//
// Device ids, epoch ids, the number, size and time of entries, and how many
// encounters there are.
package store
