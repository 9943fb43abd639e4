package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"fieldkit/app/api"
	"fieldkit/app/kit"
)

func (s *session) recoverCommand() *cobra.Command {
	r := api.Recovery{}
	var wordsFile, freshFile string
	var open bool
	c := &cobra.Command{
		Use:   "recover",
		Short: "Act with the team's recovery words, when no admin can",
		Long: `Act with the team's recovery words, from the paper: make a station admin when the
only admin's is lost, withdraw the lost one, readmit one that was found. "." is
this station. With --open the words open this station's store, whatever became of
its passphrase, and a new passphrase takes the place of the old.

A tablet that was withdrawn and is found again: 'team recover --open --readmit .'
at the tablet, and 'team recover --readmit CALL-SIGN' at a station of the team.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if r.Words, err = s.recoveryWords(wordsFile); err != nil {
				return err
			}
			var st teamFace
			var t api.Token
			var done func()
			if open {
				st, t, done, err = s.reopen(c.Context(), r.Words, freshFile)
			} else {
				st, t, done, err = s.team(c.Context())
			}
			if err != nil {
				return err
			}
			defer done()
			out := api.Recovered{Did: []string{}}
			if r.Admin != "" || r.Readmit != "" || r.Revoke != "" || !open {
				if out, err = st.Recover(c.Context(), t, r); err != nil {
					return err
				}
			}
			if open {
				out.Did = append([]string{"the store is open and has a new passphrase"}, out.Did...)
			}
			return s.print(out, func(w io.Writer) {
				for _, did := range out.Did {
					fmt.Fprintln(w, did)
				}
			})
		},
	}
	f := c.Flags()
	f.StringVar(&wordsFile, "words-file", "", "read the recovery words from `file`: text, or a picture of their QR code")
	f.StringVar(&r.Admin, "admin", "", "make this `station` an admin")
	f.StringVar(&r.Readmit, "readmit", "", "let this withdrawn `station` in again")
	f.StringVar(&r.Revoke, "revoke", "", "withdraw this `station`")
	f.StringVar(&r.Why, "reason", "", "with --revoke, why; nothing of a patient")
	f.BoolVar(&open, "open", false, "open this station's store with the words")
	f.StringVar(&freshFile, "new-passphrase-file", "", "with --open, read the new passphrase from the first line of `file`")
	return c
}

// recoveryWords reads the paper's words.
func (s *session) recoveryWords(file string) (string, error) {
	if file != "" {
		if _, err := os.Stat(file); err != nil {
			return "", fmt.Errorf("read the recovery words: %w", err)
		}
		return s.readCode(file)
	}
	in, ok := s.in.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return "", &usageError{errors.New("there is no terminal to ask for the recovery words on: use --words-file")}
	}
	fmt.Fprint(s.err, "Recovery words: ")
	words, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(s.err)
	return string(words), err
}

// reopen opens the store with the recovery words.
func (s *session) reopen(ctx context.Context, words, freshFile string) (st teamFace, t api.Token, done func(), err error) {
	fresh, err := s.freshPassphrase(freshFile)
	if err != nil {
		return nil, "", nil, err
	}
	done = func() {}
	client, err := api.Dial(ctx, s.dir)
	if err == nil {
		st = client
	} else {
		k, err := kit.Open(s.dir, s.log())
		if err != nil {
			return nil, "", nil, err
		}
		st, done = k, func() { k.Close() }
	}
	if t, err = st.Reopen(ctx, words, fresh); err != nil {
		done()
		return nil, "", nil, err
	}
	shut := done
	return st, t, func() { st.SignOut(context.WithoutCancel(ctx), t); shut() }, nil
}
