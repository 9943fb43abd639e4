package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
)

// sharer is the running station or, when none runs, the store opened here, with a
// session on it. done must be called.
func (s *session) sharer(ctx context.Context) (api.Sharer, api.Token, func(), error) {
	st, t, done, err := s.station(ctx)
	if err != nil {
		return nil, "", nil, err
	}
	return st.(api.Sharer), t, done, nil
}

func (s *session) identityCommand() *cobra.Command {
	var picture string
	c := &cobra.Command{
		Use:   "identity",
		Short: "Show this station's key, with which another team's crew may share a patient",
		Long: `Show this station's key: what an admin approves, and what the crew of another team
shares one patient with ('share'). It is no secret.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			st, _, done, err := s.station(c.Context())
			if err != nil {
				return err
			}
			defer done()
			state, err := st.State(c.Context())
			if err != nil {
				return err
			}
			out := struct {
				CallSign string `json:"call_sign"`
				Key      string `json:"key"`
			}{state.CallSign, state.Device}
			if err := s.print(out, func(w io.Writer) { fmt.Fprintln(w, out.Key) }); err != nil {
				return err
			}
			return s.showCode(s.out, out.Key, picture)
		},
	}
	c.Flags().StringVar(&picture, "qr", "", "write it as a picture to `file`, PNG")
	return c
}

func (s *session) shareCommand() *cobra.Command {
	var picture, name string
	var long time.Duration
	var at []string
	c := &cobra.Command{
		Use:   "share ENCOUNTER KEY",
		Short: "Share one patient with a station outside the team, and show the ticket for it",
		Long: `Share one patient with a station outside the team: a helicopter of another service,
a hospital that is no guest. It reads that encounter live and nothing else, and
writes nothing, until the end named or until 'unshare'.

KEY is what the other station shows ('identity'): the text, the file name of a
picture of its QR code, or - for standard input. It reads the ticket printed here
('visit'). Both screens show the same six words; compare them before you rely on it.`,
		Example: "  fieldkitd share ENCOUNTER key.png --until 6h --name \"Helicopter C-7\" --qr ticket.png",
		Args:    cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			in, err := s.sharing(args)
			if err != nil {
				return err
			}
			if long <= 0 {
				return &usageError{errors.New("a sharing ends after it begins: give --until a time such as 24h")}
			}
			in.Name, in.Until, in.Addresses = name, time.Now().Add(long), at
			st, t, done, err := s.sharer(c.Context())
			if err != nil {
				return err
			}
			defer done()
			ticket, err := st.ShareEncounter(c.Context(), t, in)
			if err != nil {
				return err
			}
			if err := s.print(ticket, func(w io.Writer) {
				fmt.Fprintf(w, "Shared until %s. The other station's screen must show these six words:\n\n  %s\n\nThe ticket for it ('%s visit'):\n\n%s\n\n", clock(ticket.Until), ticket.Words, s.program, ticket.Text)
				if len(ticket.Addresses) == 0 {
					fmt.Fprintf(w, "It names no address, because the station is not running or has no network: there, add --at HOST:PORT.\n\n")
				}
			}); err != nil {
				return err
			}
			return s.showCode(s.out, ticket.Text, picture)
		},
	}
	f := c.Flags()
	f.StringVar(&picture, "qr", "", "write the ticket as a picture to `file`, PNG")
	f.StringVar(&name, "name", "", "who the other station is, for the record")
	f.DurationVar(&long, "until", 24*time.Hour, "how long it is shared, at most seven days")
	f.StringSliceVar(&at, "at", nil, "where this station can be reached, `HOST:PORT`, if not where it knows itself")
	return c
}

func (s *session) unshareCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "unshare ENCOUNTER KEY",
		Short: "Take back the sharing of a patient with a station outside the team",
		Long: `Take back the sharing of a patient with a station outside the team. Nothing more goes
there; what it has read stays with it, as what was told a colleague does.`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			in, err := s.sharing(args)
			if err != nil {
				return err
			}
			st, t, done, err := s.sharer(c.Context())
			if err != nil {
				return err
			}
			defer done()
			if err := st.UnshareEncounter(c.Context(), t, in); err != nil {
				return err
			}
			return s.print(struct{}{}, func(w io.Writer) { fmt.Fprintln(w, "No longer shared with that station.") })
		},
	}
}

// sharing reads an encounter and a key.
func (s *session) sharing(args []string) (in api.Sharing, err error) {
	if err := in.Encounter.UnmarshalText([]byte(args[0])); err != nil {
		return in, &usageError{errors.New("that is not an encounter's id; take it from 'patients'")}
	}
	in.Key, err = s.readCode(args[1])
	return in, err
}

func (s *session) visitCommand() *cobra.Command {
	var at []string
	c := &cobra.Command{
		Use:   "visit TICKET",
		Short: "Read the one patient that another team's crew shares with this station",
		Long: `Read the one patient that another team's crew shares with this station. TICKET is
what their 'share' shows: the text, the file name of a picture of its QR code, or -
for standard input. Both screens show the same six words; compare them.

The patient stands in the list with whose they are and until when, and is read and not
written. The other station is called at the addresses of the ticket and those given,
again and again, until the sharing ends; if it has moved, take the same ticket once
more with its new address. What was read stays as this station's own record of what it
was told, marked as no longer updated; if the other team erases it, it goes here too.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			ticket, err := s.readCode(args[0])
			if err != nil {
				return err
			}
			st, t, done, err := s.sharer(c.Context())
			if err != nil {
				return err
			}
			defer done()
			v, err := st.Visit(c.Context(), t, api.Visiting{Ticket: ticket, Addresses: at})
			if err != nil {
				return err
			}
			return s.print(v, func(w io.Writer) {
				id, _ := v.Encounter.MarshalText()
				fmt.Fprintf(w, "Encounter %s is shared by %s until %s.\nTheir screen must show these six words:\n\n  %s\n\nIf it does not: '%s visits --end %s --remove'.\n", id, hostOf(v), clock(v.Until), v.Words, s.program, id)
			})
		},
	}
	c.Flags().StringSliceVar(&at, "at", nil, "where the other station can be reached, `HOST:PORT`, beside what the ticket says")
	return c
}

func (s *session) visitsCommand() *cobra.Command {
	var end string
	var remove bool
	c := &cobra.Command{
		Use:   "visits",
		Short: "List the patients that other teams' crews share with this station, or end one",
		Long: `List the patients that other teams' crews share, or shared, with this station, and
how fresh what is read of them is. --end reads no more of one; with --remove what was
read is removed for good, and never taken again.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if end == "" && remove {
				return &usageError{errors.New("--remove goes with --end ENCOUNTER")}
			}
			st, t, done, err := s.sharer(c.Context())
			if err != nil {
				return err
			}
			defer done()
			if end != "" {
				in := api.VisitEnd{Remove: remove}
				if err := in.Encounter.UnmarshalText([]byte(end)); err != nil {
					return &usageError{errors.New("that is not an encounter's id; take it from 'visits'")}
				}
				v, err := st.EndVisit(c.Context(), t, in)
				if err != nil {
					return err
				}
				return s.print(v, func(w io.Writer) { fmt.Fprintln(w, visitLine(v)) })
			}
			rows, err := st.Visits(c.Context(), t)
			if err != nil {
				return err
			}
			return s.print(rows, func(w io.Writer) {
				for _, v := range rows {
					fmt.Fprintln(w, visitLine(v))
				}
				if len(rows) == 0 {
					fmt.Fprintln(w, "No other team shares a patient with this station.")
				}
			})
		},
	}
	c.Flags().StringVar(&end, "end", "", "read no more of that `encounter`")
	c.Flags().BoolVar(&remove, "remove", false, "and remove for good what was read of it")
	return c
}

func hostOf(v api.VisitRow) string {
	return strings.TrimSuffix(cmp.Or(v.By, "a station")+", "+v.Team, ", ")
}

// visitLine says of one visit how it stands.
func visitLine(v api.VisitRow) string {
	id, _ := v.Encounter.MarshalText()
	out := fmt.Sprintf("%s  by %s", id, hostOf(v))
	switch {
	case v.Over != "":
		return out + ", over: " + v.Over + sinceHeard(v)
	case v.Live:
		return out + ", live, until " + clock(v.Until)
	}
	out += ", until " + clock(v.Until) + ", not in contact" + sinceHeard(v)
	if v.Trouble != "" {
		out += ": " + v.Trouble
	}
	return out
}

func sinceHeard(v api.VisitRow) string {
	if v.Heard.IsZero() {
		return "; nothing was read yet"
	}
	return "; no longer updated since " + clock(v.Heard)
}

// lentLine says in the patient list whose a patient is that another team shares.
func lentLine(l *chart.Lent) string {
	by := strings.TrimSuffix(cmp.Or(l.By, "another team")+", "+l.Team, ", ")
	switch {
	case l.Live:
		return fmt.Sprintf("shared by %s until %s, read only", by, clock(l.Until.Time()))
	case l.Heard == 0:
		return fmt.Sprintf("shared by %s, nothing read yet", by)
	}
	return fmt.Sprintf("shared by %s, no longer updated since %s", by, clock(l.Heard.Time()))
}
