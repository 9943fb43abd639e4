package command

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
)

func (s *session) eraseCommand() *cobra.Command {
	var why string
	var list bool
	c := &cobra.Command{
		Use:   "erase ENCOUNTER",
		Short: "Erase an encounter: hidden at once, gone everywhere after 72 hours",
		Long: `Erase an encounter: hidden at once, gone everywhere after 72 hours. Until then an
admin may stop it with 'team accept --erase PLACE'; --list shows what waits.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if list {
				return s.listErasures(c)
			}
			var id chart.ID
			if len(args) != 1 || id.UnmarshalText([]byte(args[0])) != nil {
				return &usageError{errors.New("that is not an encounter's id; take it from 'patients'")}
			}
			if why == "" {
				return &usageError{errors.New("say why with --reason; write nothing of the patient")}
			}
			st, token, done, err := s.station(c.Context())
			if err != nil {
				return err
			}
			defer done()
			e, err := st.Erase(c.Context(), token, id, why)
			if err != nil {
				return err
			}
			return s.print(e, func(w io.Writer) {
				fmt.Fprintf(w, "%d entries are hidden and will be gone after %s, here and at every station.\n", e.Entries, clock(e.Due))
			})
		},
	}
	c.Flags().StringVar(&why, "reason", "", "why, for the record; nothing of the patient")
	c.Flags().StringVar(&s.inTeam, "team", "", "with --list, whose orders, where the station belongs to several teams: the team's `name` (the home team)")
	c.Flags().BoolVar(&list, "list", false, "list the erase orders that wait")
	return c
}

func (s *session) listErasures(c *cobra.Command) error {
	st, token, done, err := s.team(c.Context())
	if err != nil {
		return err
	}
	defer done()
	waiting, err := st.Erasures(api.WithTeam(c.Context(), s.inTeam), token)
	if err != nil {
		return err
	}
	return s.print(waiting, func(w io.Writer) {
		for _, e := range waiting {
			place, _ := e.Ref.MarshalText()
			fmt.Fprintf(w, "%d entries, ordered by %s: %s; gone after %s\n  %s\n", e.Entries, e.By, e.Why, clock(e.Due), place)
		}
		if len(waiting) == 0 {
			fmt.Fprintln(w, "No erase order waits.")
		}
	})
}

// placeOf reads the place of an erase order.
func placeOf(text string, into *api.Acceptance) error {
	var ref chart.Ref
	if err := ref.UnmarshalText([]byte(text)); err != nil {
		return &usageError{errors.New("that is not the place of an order; take it from 'erase --list'")}
	}
	into.Erase = &ref
	return nil
}
