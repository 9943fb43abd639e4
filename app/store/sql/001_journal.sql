-- The journals of one station, sealed. What stands in the clear: device ids,
-- epoch ids, sequences, seals, sizes and times of entries. Nothing of a patient.

-- One row: what this store is.
CREATE TABLE store (
	one   INTEGER PRIMARY KEY CHECK (one = 1),
	id    BLOB NOT NULL,     -- 16 random bytes
	proof BLOB NOT NULL,     -- opens with the root key and no other
	tries INTEGER NOT NULL,  -- wrong keys since the last right one
	restored INTEGER NOT NULL -- 1: from a backup, and erasures since may be unknown
) STRICT;

-- The root key, wrapped once for each way of opening the store.
CREATE TABLE slot (
	id      INTEGER PRIMARY KEY,
	kind    INTEGER NOT NULL,
	used    INTEGER NOT NULL, -- the higher, the later; the slot tried first
	salt    BLOB NOT NULL,
	wrapped BLOB NOT NULL,
	owner   BLOB NOT NULL     -- whose, sealed
) STRICT;

-- Data keys come from the root by number. Blobs are reserved in blocks, so that
-- the count survives a crash without a write at every commit.
CREATE TABLE data_key (
	number   INTEGER PRIMARY KEY,
	reserved INTEGER NOT NULL
) STRICT;

-- Teams and devices, which every epoch names.
CREATE TABLE name (
	id    INTEGER PRIMARY KEY,
	bytes BLOB NOT NULL UNIQUE
) STRICT;

-- One row an epoch of a log for ever: its head. Pruned epochs keep theirs.
CREATE TABLE epoch (
	num     INTEGER PRIMARY KEY,
	team    INTEGER NOT NULL, -- name.id
	device  INTEGER NOT NULL, -- name.id
	log     INTEGER NOT NULL,
	epoch   BLOB NOT NULL,
	aside   BLOB NOT NULL,    -- empty; or, kept beside the log it contradicts, the branch's name
	branch  BLOB NOT NULL,    -- the name that entries after parted go by, empty while there is no fork
	parted  INTEGER NOT NULL, -- the last sequence that all branches share
	base    INTEGER NOT NULL, -- the sequence before its first entry; 0 but for a branch kept aside
	seq     INTEGER NOT NULL, -- of its last entry
	chain   BLOB NOT NULL,    -- after its last entry
	opened  INTEGER NOT NULL, -- clock of its first entry here, ms since 1970
	carded  INTEGER NOT NULL, -- the sequence up to which the cards on disk know it
	pruned  INTEGER NOT NULL, -- 1 when its entries are being dropped, 2 when they are gone
	mac     INTEGER NOT NULL  -- keyed hash of this row but carded
) STRICT;
CREATE INDEX epoch_name ON epoch (substr(epoch, 1, 4));
CREATE INDEX epoch_tail ON epoch (num) WHERE carded < seq;
CREATE VIEW head AS
	SELECT num, t.bytes AS team, d.bytes AS device, log, epoch, aside, branch, parted, base, seq, chain, opened, carded, pruned, mac
	FROM epoch CROSS JOIN name t ON t.id = epoch.team CROSS JOIN name d ON d.id = epoch.device;

-- Entries in the order they came. The entries of one piece have neighbouring
-- ids, so only the last, which has the seal, needs an index.
CREATE TABLE entry (
	id    INTEGER PRIMARY KEY,
	epoch INTEGER NOT NULL,
	seq   INTEGER NOT NULL,
	key   INTEGER NOT NULL, -- number of the data key
	seal  BLOB,             -- signature, where a piece ends
	blob  BLOB NOT NULL     -- nonce, sealed entry, tag
) STRICT;
CREATE UNIQUE INDEX entry_sealed ON entry (epoch, seq) WHERE seal IS NOT NULL;

-- From the keyed hash of (log, encounter) to its entries.
CREATE TABLE lookup (
	hash INTEGER NOT NULL,
	id   INTEGER NOT NULL,
	PRIMARY KEY (hash, id)
) STRICT, WITHOUT ROWID;

-- The patient index, one sealed row an encounter.
CREATE TABLE card (
	hash INTEGER PRIMARY KEY,
	key  INTEGER NOT NULL,
	blob BLOB NOT NULL
) STRICT;

-- Small sealed things of the station: its device key, teams, settings.
CREATE TABLE kept (
	hash INTEGER PRIMARY KEY, -- keyed hash of the name
	key  INTEGER NOT NULL,
	blob BLOB NOT NULL
) STRICT;

-- Places whose content is to be gone, for ever: kept also when done, so that no
-- peer, parcel or backup brings it back.
CREATE TABLE erasure (
	epoch  BLOB NOT NULL,
	device BLOB NOT NULL,
	seq    INTEGER NOT NULL,
	due    INTEGER NOT NULL, -- Unix seconds, from when it is carried out
	done   INTEGER NOT NULL,
	mac    BLOB NOT NULL,    -- keyed hash of this row
	PRIMARY KEY (epoch, device, seq)
) STRICT, WITHOUT ROWID;

-- Who said that they hold a stream epoch, and how far.
CREATE TABLE held (
	epoch INTEGER NOT NULL,  -- epoch.num
	by    BLOB NOT NULL,     -- device id
	safe  INTEGER NOT NULL,  -- 1: a hospital, enough alone
	seq   INTEGER NOT NULL,
	PRIMARY KEY (epoch, by)
) STRICT, WITHOUT ROWID;
