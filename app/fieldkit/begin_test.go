//go:build cgo

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestThePicturesThatAreOfferedAreTheLatest(t *testing.T) {
	phone, stick := t.TempDir(), t.TempDir()
	put := func(dir, name string, minutes int) {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 3, 2, 9, minutes, 0, 0, time.UTC)
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
	put(phone, "letter.txt", 59)
	put(stick, "new.JPG", 58)
	for i := range 40 {
		put(phone, fmt.Sprintf("%02d.png", i), i)
	}
	if err := os.Mkdir(filepath.Join(stick, "folder.png"), 0o700); err != nil {
		t.Fatal(err)
	}
	found := picturesIn([]string{phone, filepath.Join(phone, "missing"), stick})
	if len(found) != picturesMost || found[0].Name != "new.JPG" || found[1].Name != "39.png" || found[1].Path != filepath.Join(phone, "39.png") {
		t.Errorf("offered are %v", found)
	}
}
