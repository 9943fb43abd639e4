package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"fieldkit/app/kit"
)

// errFindings ends a command that found something wrong.
var errFindings = errors.New("something is wrong; the lines above say what")

func (s *session) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Look at what a station needs from this machine",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			checks := kit.Examine(c.Context(), s.dir)
			err := s.print(checks, func(w io.Writer) {
				for _, check := range checks {
					mark := "ok "
					if !check.Well {
						mark = "!  "
					}
					fmt.Fprintf(w, "%s %-13s %s\n", mark, check.What, check.Says)
					if check.Do != "" {
						fmt.Fprintf(w, "                  %s\n", check.Do)
					}
				}
			})
			for _, check := range checks {
				if !check.Well {
					err = errors.Join(err, errFindings)
					break
				}
			}
			return err
		},
	}
}

func (s *session) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Read the whole record and name what is not as it was written",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			st, token, done, err := s.station(c.Context())
			if err != nil {
				return err
			}
			defer done()
			v, err := st.Verify(c.Context(), token)
			if err != nil {
				return err
			}
			err = s.print(v, func(w io.Writer) {
				for _, f := range v.Findings {
					fmt.Fprintln(w, "! "+f)
				}
				fmt.Fprintf(w, "%d entries in %d epochs under %d seals: %d findings\n", v.Entries, v.Epochs, v.Seals, len(v.Findings))
			})
			if len(v.Findings) > 0 {
				err = errors.Join(err, errFindings)
			}
			return err
		},
	}
}

func (s *session) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Write a whole, sealed copy of the record while recording goes on",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			path, err := filepath.Abs(args[0])
			if err != nil {
				return fmt.Errorf("find the file: %w", err)
			}
			st, token, done, err := s.station(c.Context())
			if err != nil {
				return err
			}
			defer done()
			if err := st.Backup(c.Context(), token, path); err != nil {
				return err
			}
			return s.print(struct {
				Backup string `json:"backup"`
			}{path}, func(w io.Writer) {
				fmt.Fprintf(w, "Backup written to %s. It opens with the same passphrase.\n", path)
			})
		},
	}
}

func (s *session) restoreCommand() *cobra.Command {
	plate := kit.Nameplate{}
	var rekey bool
	var freshFile string
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "Make a station in an empty data folder from a backup",
		Long: `Make a station in an empty data folder from a backup. With --rekey everything is
sealed again under a new root key, which only the new passphrase opens: for a
record whose keys somebody may have seen.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if plate.CallSign == "" {
				return &usageError{errors.New("say how the station is called with --call-sign")}
			}
			if err := s.restore(c.Context(), args[0], plate, rekey, freshFile); err != nil {
				return err
			}
			return s.print(plate, func(w io.Writer) {
				fmt.Fprintf(w, "Restored to %s. Run 'verify'. What was erased since the backup is unknown until one exchange with the team.\n", s.dir)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&plate.Kind, "kind", "ambulance", "what the station is: ambulance, clinic or hospital")
	f.StringVar(&plate.CallSign, "call-sign", "", "how the station is called")
	f.BoolVar(&plate.Training, "training", false, "the backup is of a training folder")
	f.BoolVar(&rekey, "rekey", false, "seal everything again under a new root key and passphrase")
	f.StringVar(&freshFile, "new-passphrase-file", "", "with --rekey, read the new passphrase from the first line of `file`")
	return c
}

func (s *session) restore(ctx context.Context, backup string, plate kit.Nameplate, rekey bool, freshFile string) error {
	if !rekey {
		return kit.Restore(ctx, backup, s.dir, plate)
	}
	old, err := s.passphrase(false)
	if err != nil {
		return err
	}
	fresh, err := s.freshPassphrase(freshFile)
	if err != nil {
		return err
	}
	return kit.RestoreRekeyed(ctx, backup, s.dir, plate, old, fresh)
}

func (s *session) passwdCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "passwd",
		Short: "Change the passphrase",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			old, err := s.passphrase(false)
			if err != nil {
				return err
			}
			fresh, err := s.freshPassphrase(file)
			if err != nil {
				return err
			}
			st, token, done, err := s.station(c.Context())
			if err != nil {
				return err
			}
			defer done()
			if err := st.ChangePassphrase(c.Context(), token, old, fresh); err != nil {
				return err
			}
			return s.print(struct {
				Changed bool `json:"changed"`
			}{true}, func(w io.Writer) { fmt.Fprintln(w, "The passphrase is changed.") })
		},
	}
	c.Flags().StringVar(&file, "new-passphrase-file", "", "read the new passphrase from the first line of `file`")
	return c
}
