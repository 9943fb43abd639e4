// Package browser hands one address to the system's browser. No shell reads the
// address: each system has a program for it, called with a fixed list of arguments of
// which the address is the last, and only an https address of a host is handed on.
package browser

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os/exec"
	"runtime"
	"time"
)

// Errors of opening an address.
var (
	ErrAddress = errors.New("that is no address of a page on a station")
	ErrNone    = errors.New("no browser was found on this machine")
)

// failWithin is how soon a system's program says that it found no browser. One that
// runs longer is the browser's own.
const failWithin = 3 * time.Second

// Open opens address in the system's browser. It returns when that was found, without
// waiting for it: the browser is the person's and outlives this program.
func Open(ctx context.Context, address string) error { return open(ctx, address, failWithin) }

func open(ctx context.Context, address string, within time.Duration) error {
	argv, err := command(runtime.GOOS, address)
	if err != nil {
		return err
	}
	program, err := exec.LookPath(argv[0])
	if err != nil {
		return fmt.Errorf("%w: %s is missing", ErrNone, argv[0])
	}
	cmd := exec.Command(program, argv[1:]...)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the browser: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }() // ends with the browser's starter, and holds nothing
	select {
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("%w: %s gave up", ErrNone, argv[0])
		}
	case <-time.After(within):
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// command is the system's program for opening an address, and its arguments.
func command(system, address string) ([]string, error) {
	if !own(address) {
		return nil, ErrAddress
	}
	switch system {
	case "windows":
		return []string{"rundll32", "url.dll,FileProtocolHandler", address}, nil
	case "darwin":
		return []string{"open", address}, nil
	}
	return []string{"xdg-open", address}, nil
}

// own reports whether an address can be a station's page: https, a host, at most a
// port and the first page, and nothing else.
func own(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil && u.Opaque == "" &&
		(u.Path == "" || u.Path == "/") && u.RawQuery == "" && u.Fragment == "" && !u.ForceQuery &&
		(address == "https://"+u.Host || address == "https://"+u.Host+"/") && plain(u.Host)
}

// plain reports whether a host is of letters, digits and what stands between them.
func plain(host string) bool {
	for _, c := range host {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '-', c == ':', c == '[', c == ']':
		default:
			return false
		}
	}
	return true
}
