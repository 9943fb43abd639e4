package store

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fieldkit/sync/journal"
	"fieldkit/triage/chart"
)

// FuzzParseCard holds the reader of cards to its word: any bytes, bounded cost,
// and what it reads is written back the same.
func FuzzParseCard(f *testing.F) {
	c := card{subject: newID(1), patients: []named{{1, 7, newID(2)}}, last: 5, spans: []span{{num: 1, seq: 9, count: 3, ordered: true}},
		facts: []fact{{1, 2, journal.Record{Envelope: []byte("envelope"), Body: []byte("body")}}}}
	listing := [4]byte{1, 2, 3, 4}
	f.Add(c.append(nil, listing))
	f.Add([]byte{cardVersion})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := parseCard(b, listing)
		if err != nil {
			return
		}
		once := c.append(nil, listing)
		if again, err := parseCard(once, listing); err != nil || !bytes.Equal(again.append(nil, listing), once) {
			t.Errorf("a card changed on its way through: %v", err)
		}
	})
}

// FuzzRecord holds that an entry comes back byte for byte, whatever its envelope
// and body are, and that any bytes may stand in a blob.
func FuzzRecord(f *testing.F) {
	f.Add([]byte("envelope"), []byte("body"))
	f.Add(bytes.Repeat([]byte{7}, 80), []byte{})
	p := &place{epoch: chart.Epoch{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}}
	body := []byte("a body that its envelope names")
	e, err := journal.Envelope{Version: 1, Log: journal.Chart, Epoch: p.epoch, Seq: 2, Clock: 3, Size: len(body), Body: sha256.Sum256(body)}.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(e, body)
	f.Fuzz(func(t *testing.T, envelope, body []byte) {
		_, _ = parseRecord(p, body)
		if len(envelope) > journal.MaxEnvelope {
			return
		}
		for _, r := range []journal.Record{{Envelope: envelope, Body: body}, {Envelope: envelope, Absent: chart.Withheld}} {
			got, err := parseRecord(p, appendRecord(nil, p, r))
			if err != nil || !bytes.Equal(got.Envelope, r.Envelope) || !bytes.Equal(got.Body, r.Body) || got.Absent != r.Absent {
				t.Errorf("a record came back different: %v", err)
			}
		}
	})
}

// FuzzRestore gives the store backups of any bytes: an error or a store that can
// be asked, never a crash, and never a folder with half a store.
func FuzzRestore(f *testing.F) {
	b := newTablet(f, new(roster), "ambulance")
	b.write(journal.Chart, b.body(newID(1), newID(2), chart.TypeNote, text("note")))
	root, _ := b.Root()
	backup := filepath.Join(f.TempDir(), "backup")
	if err := b.Backup(f.Context(), backup); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(backup)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(0, []byte("SQLite"))
	f.Add(100, []byte{0xff, 0xff})
	f.Add(4096, bytes.Repeat([]byte{5}, 100))
	f.Fuzz(func(t *testing.T, at int, bad []byte) {
		damaged := bytes.Clone(whole)
		if at >= 0 && at < len(damaged) {
			copy(damaged[at:], bad)
		}
		path := filepath.Join(t.TempDir(), "backup")
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if err := Restore(t.Context(), path, dir); err != nil {
			if _, err := os.Stat(filepath.Join(dir, dbName)); err == nil {
				t.Error("a store that was refused is there")
			}
			return
		}
		s, err := Open(t.Context(), dir, b.config)
		if err != nil {
			return
		}
		defer s.Close()
		if err := s.UnlockRoot(t.Context(), root); err != nil {
			return
		}
		_, _ = s.Encounter(t.Context(), newID(1))
		_, _, _ = s.Seconds(t.Context(), newID(1), time.Unix(0, 0), time.Unix(1<<33, 0))
		if _, err := s.Verify(t.Context()); err != nil {
			t.Errorf("verify gave up: %v", err)
		}
	})
}
