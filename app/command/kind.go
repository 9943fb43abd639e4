package command

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"fieldkit/app/api"
)

// kinds are those a station may be made into: there are screens for them.
var kinds = []string{"ambulance", "clinic", "hospital"}

func (s *session) kindCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "kind STATION KIND",
		Short: "Change what a station is: ambulance, clinic or hospital",
		Long: `Change what a station of the team is: ambulance, clinic or hospital. STATION is its
call sign or key. Only an admin may, at an admin's station; the roster keeps who said
so. The station obeys when the entry reaches it: its window shows the other room at
once, and what it serves follows at its next start. What it receives stays as it was:
'team approve STATION --grant' changes that.`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			kind := strings.ToLower(args[1])
			if !slices.Contains(kinds, kind) {
				return &usageError{fmt.Errorf("there is no kind of station %q: use ambulance, clinic or hospital", args[1])}
			}
			st, t, done, err := s.team(c.Context())
			if err != nil {
				return err
			}
			defer done()
			roster, err := st.Roster(c.Context(), t)
			if err != nil {
				return err
			}
			member, err := memberOf(roster, args[0])
			if err != nil {
				return err
			}
			changed, err := st.Approve(c.Context(), t, api.Approval{Key: member.Key, Kind: kind})
			if err != nil {
				return err
			}
			return s.print(changed.Member, func(w io.Writer) {
				fmt.Fprintf(w, "%s was %s and is %s. It receives %s.\n", changed.CallSign, member.Kind, changed.Kind, changed.Grant)
			})
		},
	}
}

// memberOf is the one member of that call sign or key that is not withdrawn: a key of
// nobody on the roster must not let somebody in.
func memberOf(r api.Roster, name string) (api.Member, error) {
	var found []api.Member
	for _, m := range r.Members {
		if !m.Out && (strings.EqualFold(m.CallSign, strings.TrimSpace(name)) || m.Key == strings.TrimSpace(name)) {
			found = append(found, m)
		}
	}
	switch len(found) {
	case 0:
		return api.Member{}, &api.Fault{Code: api.CodeNotFound, What: "nobody on the roster is called that", Do: "Take the call sign or the key from 'team roster'."}
	case 1:
		return found[0], nil
	}
	return api.Member{}, &usageError{errors.New("several stations are called that: name the one you mean by its key, from 'team roster'")}
}
