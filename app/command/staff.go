package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"fieldkit/app/api"
)

func (s *session) staffCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "staff",
		Short: "List the team's people, or change who they are and how they sign in",
		Long: `List the team's people. They are apart from the stations: a person belongs to the
whole team, and signs in at a station by a PIN or badge given at that station,
which leaves it in no form.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			st, t, done, err := s.team(c.Context())
			if err != nil {
				return err
			}
			defer done()
			people, err := st.Staff(c.Context(), t)
			if err != nil {
				return err
			}
			return s.print(people, func(w io.Writer) {
				for _, p := range people {
					fmt.Fprintf(w, "%-12s %s, %s%s\n", p.ID, p.Name, p.Role, personStanding(p))
				}
				if len(people) == 0 {
					fmt.Fprintln(w, "Nobody yet: 'team staff add'.")
				}
			})
		},
	}
	c.AddCommand(s.staffAddCommand(), s.staffLeaveCommand(), s.staffSecretCommand())
	return c
}

func personStanding(p api.Person) string {
	switch {
	case p.Left:
		return ", left"
	case p.Disputed:
		return ", admins say different things of this person"
	case p.Here:
		return ", signs in at this station"
	}
	return ""
}

func (s *session) staffAddCommand() *cobra.Command {
	p := api.Person{}
	c := &cobra.Command{
		Use:   "add ID",
		Short: "Add a person to the staff, or change name and role",
		Long: `Add a person to the staff, or change name and role. ID stands in the entries: a
staff number or initials. The role admin may everything; observer may only look;
any other may read and record.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			p.ID = args[0]
			return s.putPerson(c, p)
		},
	}
	c.Flags().StringVar(&p.Name, "name", "", "the person's name")
	c.Flags().StringVar(&p.Role, "role", "", "what the person is: admin, paramedic, nurse, observer, ...")
	return c
}

func (s *session) putPerson(c *cobra.Command, p api.Person) error {
	st, t, done, err := s.team(c.Context())
	if err != nil {
		return err
	}
	defer done()
	if p.Left {
		people, err := st.Staff(c.Context(), t)
		if err != nil {
			return err
		}
		known := false
		for _, was := range people {
			if was.ID == p.ID {
				p.Name, p.Role, known = was.Name, was.Role, true
			}
		}
		if !known {
			return &api.Fault{Code: api.CodeNotFound, What: "nobody on the staff has that id", Do: "'team staff' lists them."}
		}
	}
	if err := st.PutPerson(c.Context(), t, p); err != nil {
		return err
	}
	return s.print(p, func(w io.Writer) {
		if p.Left {
			fmt.Fprintf(w, "%s left: signed out everywhere that hears of it.\n", p.ID)
			return
		}
		fmt.Fprintf(w, "%s is %s, %s. A PIN or badge is given at each station: 'team staff secret %s'.\n", p.ID, p.Name, p.Role, p.ID)
	})
}

func (s *session) staffLeaveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "leave ID",
		Short: "Note that a person left: no sign-in any more, anywhere",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return s.putPerson(c, api.Person{ID: args[0], Left: true})
		},
	}
}

func (s *session) staffSecretCommand() *cobra.Command {
	in := api.Secret{}
	var pinFile, badgeFile string
	c := &cobra.Command{
		Use:   "secret ID",
		Short: "Give a person a PIN or badge at this station",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) (err error) {
			in.Person = args[0]
			if pinFile == "" && badgeFile == "" {
				return &usageError{errors.New("say where the PIN or the badge's number stands, with --pin-file or --badge-file")}
			}
			if pinFile != "" {
				if in.PIN, err = secretLine("PIN", pinFile); err != nil {
					return err
				}
			}
			if badgeFile != "" {
				if in.Badge, err = secretLine("badge", badgeFile); err != nil {
					return err
				}
			}
			st, t, done, err := s.team(c.Context())
			if err != nil {
				return err
			}
			defer done()
			if err := st.SetSecret(c.Context(), t, in); err != nil {
				return err
			}
			return s.print(struct {
				Person string `json:"person"`
			}{in.Person}, func(w io.Writer) { fmt.Fprintf(w, "%s may sign in at this station.\n", in.Person) })
		},
	}
	c.Flags().StringVar(&pinFile, "pin-file", "", "read the PIN from the first line of `file`")
	c.Flags().StringVar(&badgeFile, "badge-file", "", "read the badge's number from the first line of `file`")
	return c
}

// secretLine is the first line of a file; the error says what it was to hold.
func secretLine(what, file string) (string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read the %s: %w", what, err)
	}
	line, _, _ := strings.Cut(string(b), "\n")
	if line = strings.TrimSpace(line); line == "" {
		return "", fmt.Errorf("read the %s: %s is empty", what, file)
	}
	return line, nil
}
