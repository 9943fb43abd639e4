package browser

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestOnlyAStationsOwnPageIsOpenedAndByNoShell(t *testing.T) {
	for system, want := range map[string][]string{
		"linux": {"xdg-open", "https://192.168.4.7:8443/"}, "freebsd": {"xdg-open", "https://192.168.4.7:8443/"},
		"darwin": {"open", "https://192.168.4.7:8443/"}, "windows": {"rundll32", "url.dll,FileProtocolHandler", "https://192.168.4.7:8443/"},
	} {
		if got, err := command(system, "https://192.168.4.7:8443/"); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", system, got, err)
		}
	}
	for _, address := range []string{"https://er.example:8443", "https://er.example/", "https://[fe80::1]:8443/"} {
		if _, err := command("linux", address); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{
		"", "-h", "er.example", "http://er.example/", "file:///etc/passwd", "javascript:alert(1)", "https://", "https:///x", "https://user@er.example/",
		"https://er.example/?q=1", "https://er.example/#x", "https://er.example/other", "https://er.example/;id", "https://er.example$(id)/",
		"https://er.example`id`/", "https://er example/", "https://er.example/\n", "https://er.example%20x/", " https://er.example/", "HTTPS://er.example/ --new",
	} {
		if argv, err := command("linux", address); !errors.Is(err, ErrAddress) {
			t.Errorf("%q is opened by %q", address, argv)
		}
	}
}

// opener puts a program of that name and script first in the path.
func opener(t *testing.T, script string) (told string) {
	t.Helper()
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("the system's program has another name here")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	told = filepath.Join(dir, "told")
	t.Setenv("TOLD", told)
	return told
}

func TestTheSystemsProgramIsHandedTheAddressAlone(t *testing.T) {
	told := opener(t, `printf '%s\n' "$#" "$@" > "$TOLD"`)
	if err := open(t.Context(), "https://192.168.4.7:8443/", time.Minute); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(told); string(b) != "1\nhttps://192.168.4.7:8443/\n" {
		t.Errorf("it was told %q, %v", b, err)
	}
}

func TestAMachineWithoutABrowserSaysSo(t *testing.T) {
	opener(t, "exit 3")
	if err := open(t.Context(), "https://192.168.4.7:8443/", time.Minute); !errors.Is(err, ErrNone) || !strings.Contains(err.Error(), "xdg-open") {
		t.Errorf("no browser: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if err := open(t.Context(), "https://192.168.4.7:8443/", time.Minute); !errors.Is(err, ErrNone) {
		t.Errorf("not even the program: %v", err)
	}
}
