package command

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"fieldkit/app/api"
)

func (s *session) teamListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the teams that this station belongs to, the home team first",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			st, t, done, err := s.team(c.Context())
			if err != nil {
				return err
			}
			defer done()
			teams, err := st.Teams(c.Context(), t)
			if err != nil {
				return err
			}
			return s.print(teams, func(w io.Writer) {
				for _, row := range teams {
					fmt.Fprintln(w, teamLine(row, len(teams) > 1))
				}
			})
		},
	}
}

// teamLine says of one team how this station stands in it.
func teamLine(row api.TeamRow, several bool) string {
	out := row.ID[:8] + "  " + cmp.Or(row.Name, "(its log has not come)")
	if row.Home {
		out += ", home team"
	}
	switch {
	case row.Withdrawn:
		return out + ", withdrawn: nothing is shared there"
	case !row.In:
		return out + ", waits for an admin to let this station in"
	}
	stations := "stations"
	if row.Stations == 1 {
		stations = "station"
	}
	out += fmt.Sprintf(", %d %s, this one receives %s", row.Stations, stations, row.Grant)
	if row.Admin {
		out += ", admin"
	}
	if row.Opens && several {
		out += "; encounters are opened for it"
	}
	return out
}

func (s *session) openForCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "open-for TEAM",
		Short: "Open encounters for one of this station's teams from now on",
		Long: `Open encounters for one of this station's teams from now on, those that monitors
open by themselves too. What was opened before stays with the team it was opened for.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			ctx := api.WithTeam(c.Context(), args[0])
			st, t, done, err := s.team(ctx)
			if err != nil {
				return err
			}
			defer done()
			row, err := st.OpenFor(ctx, t)
			if err != nil {
				return err
			}
			return s.print(row, func(w io.Writer) {
				fmt.Fprintf(w, "Encounters are opened for the team %s from now on.\n", row.Name)
			})
		},
	}
}

// joinAlso answers an invitation to a team beside those the station belongs to, once
// a person has said so.
func (s *session) joinAlso(ctx context.Context, name, invitation string, agreed bool, picture string) error {
	st, t, done, err := s.team(ctx)
	if err != nil {
		return err
	}
	defer done()
	teams, err := st.Teams(ctx, t)
	if err != nil {
		return err
	}
	if !agreed {
		if err := s.mayJoinAlso(name, teams); err != nil {
			return err
		}
	}
	a, err := st.JoinAlso(ctx, t, invitation)
	if err != nil {
		return err
	}
	if err := s.print(a, func(w io.Writer) {
		fmt.Fprintf(w, "This station asks to join the team %s beside its home team %s.\n", a.Team, a.Home)
		fmt.Fprintf(w, "\nThe admin's screen must show these six words:\n\n  %s\n\nThe answer for the admin, who lets it in with '%s team approve':\n\n%s\n\n", a.Words, s.program, a.Answer)
	}); err != nil {
		return err
	}
	return s.showCode(s.out, a.Answer, picture)
}

func (s *session) mayJoinAlso(name string, teams []api.TeamRow) error {
	var belongs []string
	for _, row := range teams {
		belongs = append(belongs, cmp.Or(row.Name, row.ID[:8]))
	}
	says := fmt.Sprintf("this station belongs to %s already", strings.Join(belongs, ", "))
	in, ok := s.in.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return &usageError{errors.New(says + ": say with --also that it joins another team beside it")}
	}
	fmt.Fprintf(s.err, "T%s.\nJoin the team %s beside it? Encounters belong to the one they are opened for; neither learns of the other. (yes/no) ", says[1:], name)
	line, err := bufio.NewReader(in).ReadString('\n')
	if said := strings.ToLower(strings.TrimSpace(line)); err != nil || said != "yes" && said != "y" {
		return &api.Fault{Code: api.CodeRefused, What: "nothing was joined"}
	}
	return nil
}
