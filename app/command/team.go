package command

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"fieldkit/app/api"
	"fieldkit/app/kit"
	"fieldkit/sync/identity"
)

func (s *session) initCommand() *cobra.Command {
	n := kit.New{}
	c := &cobra.Command{
		Use:   "init",
		Short: "Make a station in the data folder",
		Long: `Make a station: its store, its device key, and a team of its own or, with --join,
a place in a team it was invited to. The passphrase needs five words or more.

A new team's recovery words are printed once: write them on paper and keep them
away from every tablet.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var err error
			if n.Passphrase, err = s.passphrase(true); err != nil {
				return err
			}
			made, err := kit.Init(c.Context(), s.dir, n)
			if err != nil {
				return err
			}
			return s.print(made, func(w io.Writer) {
				fmt.Fprintf(w, "Made %s %s in %s.\nDevice key: %s\n", n.Kind, n.CallSign, s.dir, made.Device)
				if made.Recovery != "" {
					fmt.Fprintf(w, "\nRecovery words of team %q. Write them on paper now; they are shown this once:\n\n%s\n", made.Team, made.Recovery)
				} else {
					fmt.Fprintf(w, "\nAn admin lets it in with:\n  %s team approve %s --kind %s --call-sign %s\n", s.program, made.Device, n.Kind, n.CallSign)
				}
			})
		},
	}
	f := c.Flags()
	f.StringVar(&n.Kind, "kind", "ambulance", "what the station is: ambulance, clinic or hospital")
	f.StringVar(&n.CallSign, "call-sign", "", "how the station is called")
	f.StringVar(&n.Site, "site", "", "the place or service it belongs to")
	f.StringVar(&n.Team, "team", "", "the `name` of a new team")
	f.StringVar(&n.Invitation, "join", "", "the `invitation` to a team, from 'team invite'")
	f.BoolVar(&n.Training, "training", false, "a folder for training that never holds a real patient's record")
	return c
}

func (s *session) teamCommand() *cobra.Command {
	c := &cobra.Command{Use: "team", Short: "Who belongs to this station's team"}
	c.AddCommand(s.inviteCommand(), s.approveCommand(), s.rosterCommand(), s.accountCommand())
	return c
}

// offline opens the store here, with a session on it: for acts that the local API
// does not offer yet.
func (s *session) offline(ctx context.Context) (*kit.Kit, api.Token, error) {
	if _, err := api.Dial(ctx, s.dir); err == nil {
		return nil, "", errors.New("a station is running on this data folder; stop it for this")
	}
	k, err := kit.Open(s.dir, s.log())
	if err != nil {
		return nil, "", err
	}
	passphrase, err := s.passphrase(false)
	if err != nil {
		return nil, "", errors.Join(err, k.Close())
	}
	t, err := k.Unlock(ctx, passphrase)
	if err != nil {
		return nil, "", errors.Join(err, k.Close())
	}
	return k, t, nil
}

func (s *session) inviteCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "invite",
		Short: "Print an invitation to the team; a secret until the newcomer has joined",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			k, t, err := s.offline(c.Context())
			if err != nil {
				return err
			}
			defer k.Close()
			text, err := k.Invite(c.Context(), t)
			if err != nil {
				return err
			}
			out := struct {
				Invitation string `json:"invitation"`
			}{text}
			return s.print(out, func(w io.Writer) { fmt.Fprintln(w, text) })
		},
	}
}

func (s *session) approveCommand() *cobra.Command {
	var kind, grant string
	n := identity.Member{}
	c := &cobra.Command{
		Use:   "approve DEVICE-KEY",
		Short: "Let a newcomer into the team, or change what a station receives",
		Long: `Put a device key on the roster with its grant, or change what stands there. The
grant is which records the station receives: all; site, those of encounters that
stations of its site opened; handed, those bound for it or handed over to it, as
for a hospital that is the team's guest. Every member holds the envelopes of all,
a guest only those of logs in which something was handed to it. Whatever the
grant, what is handed over to a station it receives.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			var err error
			if n.Key, err = identity.ParseKey(args[0]); err != nil {
				return &usageError{err}
			}
			if err := errors.Join(n.Kind.UnmarshalText([]byte(kind)), n.Grant.UnmarshalText([]byte(grant))); err != nil {
				return &usageError{err}
			}
			k, t, err := s.offline(c.Context())
			if err != nil {
				return err
			}
			defer k.Close()
			if err := k.Approve(c.Context(), t, n); err != nil {
				return err
			}
			return s.print(n, func(w io.Writer) { fmt.Fprintf(w, "%s %s is in the team.\n", n.Kind, n.CallSign) })
		},
	}
	f := c.Flags()
	f.StringVar(&kind, "kind", "ambulance", "what the station is: ambulance, clinic or hospital")
	f.StringVar(&n.CallSign, "call-sign", "", "how the station is called")
	f.StringVar(&n.Site, "site", "", "the place or service it belongs to")
	f.StringVar(&grant, "grant", "all", "which records it receives: all, site or handed")
	f.BoolVar(&n.Admin, "admin", false, "it may let others in and out")
	return c
}

func (s *session) rosterCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "roster",
		Short: "List the team's stations",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			k, t, err := s.offline(c.Context())
			if err != nil {
				return err
			}
			defer k.Close()
			members, err := k.Roster(c.Context(), t)
			if err != nil {
				return err
			}
			return s.print(members, func(w io.Writer) {
				for _, m := range members {
					state := ""
					if m.Out {
						state = ", withdrawn"
					}
					fmt.Fprintf(w, "%s  %s %s, receives %s%s\n", m.Key, m.Kind, m.CallSign, m.Grant, state)
				}
			})
		},
	}
}

func (s *session) accountCommand() *cobra.Command {
	var role, passwordFile string
	c := &cobra.Command{
		Use:   "account NAME",
		Short: "Make a hospital's account for the page, or change its password",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if passwordFile == "" {
				return &usageError{errors.New("say where the password stands with --password-file")}
			}
			password, err := firstLine(passwordFile)
			if err != nil {
				return err
			}
			k, t, err := s.offline(c.Context())
			if err != nil {
				return err
			}
			defer k.Close()
			if err := k.SetAccount(c.Context(), t, args[0], role, password); err != nil {
				return err
			}
			return s.print(struct {
				Name string `json:"name"`
			}{args[0]}, func(w io.Writer) { fmt.Fprintf(w, "%s may sign in at the page.\n", args[0]) })
		},
	}
	c.Flags().StringVar(&role, "role", "nurse", "what the person is")
	c.Flags().StringVar(&passwordFile, "password-file", "", "read the password from the first line of `file`")
	return c
}
