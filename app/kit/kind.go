package kit

import (
	"fmt"
	"os"
	"path/filepath"

	"fieldkit/sync/identity"
)

// The kind of a station is what the home team's roster says of it, by an admin's entry;
// until the roster names it, what it said itself when it was made. The nameplate keeps
// it for the time before the store is open.

// kind is what this station is.
func (k *Kit) kind() (kind identity.Kind, err error) {
	err = kind.UnmarshalText([]byte(k.kindName()))
	return kind, err
}

func (k *Kit) kindName() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.plate.Kind
}

// noticeKind has this station be of the kind that its home team says. While admins say
// different things, and of a kind that this version does not know, it stays what it is.
func (s *share) noticeKind(m *membership, r *identity.Roster) error {
	self, ok := r.Member(m.device)
	if !ok || self.Out || self.Disputed {
		return nil
	}
	var known identity.Kind
	name := self.Kind.String()
	if known.UnmarshalText([]byte(name)) != nil || known != self.Kind || name == s.kit.kindName() {
		return nil
	}
	s.kit.mu.Lock()
	s.kit.plate.Kind = name
	plate := s.kit.plate
	s.kit.mu.Unlock()
	s.kit.log.Info("an admin of the team has changed what this station is", "kind", name)
	if err := writeNameplate(s.kit.settings.Dir, plate); err != nil {
		return fmt.Errorf("keep what this station is: %w", err)
	}
	return nil
}

// replaceFile writes a small file whole or not at all, for its owner alone.
func replaceFile(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return err
	}
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync() // some systems cannot for a folder
		_ = dir.Close()
	}
	return nil
}
