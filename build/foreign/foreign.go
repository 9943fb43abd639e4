// Package foreign finds the captures, recordings and vectors that nobody of this
// project wrote. They stand beside the project, never in it: in the folder that
// FIELDKIT_FOREIGN names, or in ../shared/data beside the checkout. A test that
// wants one that is not there is skipped, and says so.
package foreign

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Dir is the path of a foreign file or folder, or skips the test with a reason.
func Dir(t testing.TB, elem ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{root()}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("foreign data %s is not here: set FIELDKIT_FOREIGN to the folder that holds it", filepath.Join(elem...))
	}
	return path
}

// Read is the content of a foreign file, or skips the test with a reason.
func Read(t testing.TB, elem ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(Dir(t, elem...))
	if err != nil {
		t.Fatalf("read foreign data: %v", err)
	}
	return b
}

func root() string {
	if dir := os.Getenv("FIELDKIT_FOREIGN"); dir != "" {
		return dir
	}
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", "..", "..", "shared", "data")
}
