package command

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"fieldkit/app/api"
)

// credential is the name under which systemd hands a service its passphrase
// (LoadCredential=fieldkit-passphrase:...).
const credential = "fieldkit-passphrase"

// passphrase reads the passphrase from the file named on the command line, from a
// systemd credential, or from the terminal, twice when it is new. It is never a
// plain flag, which every user of the machine could read.
func (s *session) passphrase(fresh bool) (string, error) {
	file := s.passphraseFile
	if file == "" {
		if dir := os.Getenv("CREDENTIALS_DIRECTORY"); dir != "" {
			if _, err := os.Stat(filepath.Join(dir, credential)); err == nil {
				file = filepath.Join(dir, credential)
			}
		}
	}
	if file != "" {
		return firstLine(file)
	}
	if in, ok := s.in.(*os.File); ok && term.IsTerminal(int(in.Fd())) {
		return s.askPassphrase(in, fresh)
	}
	return "", &api.Fault{Code: api.CodeLocked, What: "no passphrase was given and there is no terminal to ask on",
		Do: "Use --passphrase-file, or a systemd credential named " + credential + "."}
}

// freshPassphrase reads a new passphrase from file or, without one, twice from the
// terminal.
func (s *session) freshPassphrase(file string) (string, error) {
	if file != "" {
		return firstLine(file)
	}
	asker := *s
	asker.passphraseFile = ""
	return asker.passphrase(true)
}

func firstLine(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("read the passphrase: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	if !lines.Scan() {
		return "", errors.Join(fmt.Errorf("read the passphrase: %s is empty", file), lines.Err())
	}
	return strings.TrimRight(lines.Text(), "\r"), nil
}

func (s *session) askPassphrase(in *os.File, fresh bool) (string, error) {
	fmt.Fprint(s.err, "Passphrase: ")
	first, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(s.err)
	if err != nil {
		return "", fmt.Errorf("read the passphrase: %w", err)
	}
	if !fresh {
		return string(first), nil
	}
	fmt.Fprint(s.err, "Again: ")
	again, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(s.err)
	if err != nil {
		return "", fmt.Errorf("read the passphrase: %w", err)
	}
	if string(first) != string(again) {
		return "", errors.New("the two passphrases differ; nothing was done")
	}
	return string(first), nil
}
