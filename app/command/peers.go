package command

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"fieldkit/app/api"
)

func (s *session) peersCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "peers",
		Short: "Say how things stand with every other station of the team",
		Long: `Say how things stand with every other station of the team, as the running station
sees it: whether it is in touch and where, when the last exchange was, how many
entries are missing here and there, how far its clock is off, how long a round
trip takes, and what is wrong.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			client, err := api.Dial(c.Context(), s.dir)
			if err != nil {
				return err
			}
			st, err := client.State(c.Context())
			if err != nil {
				return err
			}
			peers := st.Peers
			if peers == nil {
				peers = []api.Peer{}
			}
			return s.print(peers, func(w io.Writer) {
				for _, p := range peers {
					describePeer(w, p)
				}
				if len(peers) == 0 {
					fmt.Fprintln(w, "No other station is known: the store is locked, nothing is shared, or the team has one station.")
				}
			})
		},
	}
}

func describePeer(w io.Writer, p api.Peer) {
	in := ""
	if p.Team != "" {
		in = " of " + p.Team
	}
	fmt.Fprintf(w, "%s %s%s: %s\n", p.Kind, p.CallSign, in, p.State)
	if p.At != "" {
		fmt.Fprintf(w, "  at %s", p.At)
		if !p.Last.IsZero() {
			fmt.Fprintf(w, ", last heard %s", clock(p.Last))
		}
		if p.RoundTrip > 0 {
			fmt.Fprintf(w, ", round trip %v, its clock %+.3f s", p.RoundTrip.Round(100*time.Microsecond), p.Offset.Seconds())
		}
		fmt.Fprintln(w)
	}
	if p.MissingHere > 0 || p.MissingThere > 0 {
		fmt.Fprintf(w, "  %d entries missing here, %d there\n", p.MissingHere, p.MissingThere)
	}
	if p.Trouble != "" {
		fmt.Fprintf(w, "  ! %s\n", p.Trouble)
	}
}
