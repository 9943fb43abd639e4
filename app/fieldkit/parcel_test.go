//go:build cgo

package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"fieldkit/ui"
)

func TestOfAStickOnlyPlainFilesThatAreCalledParcelsAreOffered(t *testing.T) {
	dir := t.TempDir()
	for i, name := range []string{"fieldkit CLN-2.parcel", "parcel", "photo.jpg", "fieldkit AMB-7.backup", "half.parcel.part", "two\nlines.parcel"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 3, 2, 9, i, 0, 0, time.UTC)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.parcel"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/hostname", filepath.Join(dir, "elsewhere.parcel")); err != nil {
		t.Fatal(err)
	}
	got, err := (&desk{}).Parcels(t.Context(), ui.Stick{Path: dir})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"two-lines.parcel", "parcel", "fieldkit CLN-2.parcel"}
	for i := range want {
		if len(got) != len(want) || got[i].Name != want[i] {
			t.Fatalf("offered are %+v, want %q", got, want)
		}
	}
	if got[0].Path != filepath.Join(dir, "two\nlines.parcel") {
		t.Errorf("the file is looked for at %q", got[0].Path)
	}
	if got, err := (&desk{}).Parcels(t.Context(), ui.Stick{Path: t.TempDir()}); err != nil || len(got) != 0 {
		t.Errorf("on an empty stick are %v, %v", got, err)
	}
	if _, err := (&desk{}).Parcels(t.Context(), ui.Stick{Path: filepath.Join(dir, "pulled")}); err == nil {
		t.Error("a stick that was pulled has no parcels")
	}
}
