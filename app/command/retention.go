package command

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"fieldkit/app/api"
)

func (s *session) retentionCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "retention",
		Short: "Show how long records are kept and what goes next",
		Long: `Show how long records are kept, what this station would remove next by that, and
why it removes nothing now. The team's admins set it; every station carries it out
by itself. What goes is the content; who wrote how much and when stays provable. It
never touches an encounter that is not closed, nor a patient who was seen since.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			st, t, done, err := s.team(c.Context())
			if err != nil {
				return err
			}
			defer done()
			r, err := st.Retention(c.Context(), t)
			if err != nil {
				return err
			}
			return s.printRetention(r)
		},
	}
	c.AddCommand(s.retentionSetCommand(), s.retentionConfirmCommand())
	return c
}

func (s *session) retentionSetCommand() *cobra.Command {
	var why string
	c := &cobra.Command{
		Use:   "set ROW=TIME...",
		Short: "Set how long a kind of record is kept, for the whole team",
		Long: `Set how long a kind of record is kept, for the whole team, as an admin. The rows are
adult and minor (charts, counted from when the patient was last seen), stream (every
second's numbers and waveforms) and audit (who looked, who signed in). A time is
years, days or both, such as 10y, 90d or 1y180d, or "ever"; a minor's chart may be
kept until an age as well: minor=8y/25. Until a row is set it is kept for ever. Ask
who knows the law where you work; among others:

  charts   10 years in Germany (BGB 630f), 20 in France (CSP R1112-7), 8 in England
           (NHS Records Management Code of Practice 2021)
  minors   and until the age of 28 in France, of 25 in England
  audit    6 years in the United States (45 CFR 164.316)

A change takes hold after three days of running, so that it can be set right.`,
		Example: "  fieldkitd retention set adult=10y minor=10y/28 audit=6y --reason \"BGB 630f\"",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			set := api.RetentionSet{Why: why}
			for _, a := range args {
				row, err := keepRow(a)
				if err != nil {
					return &usageError{err}
				}
				set.Rows = append(set.Rows, row)
			}
			st, t, done, err := s.team(c.Context())
			if err != nil {
				return err
			}
			defer done()
			r, err := st.SetRetention(c.Context(), t, set)
			if err != nil {
				return err
			}
			return s.printRetention(r)
		},
	}
	c.Flags().StringVar(&why, "reason", "", "why, for the record; nothing of a patient")
	return c
}

func (s *session) retentionConfirmCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "confirm",
		Short: "Say, as an admin, that this station's date is right",
		Long: `Say, as an admin, that this station's date is right, where no other station is in
touch that could. By a date that nobody confirms nothing is removed.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			st, t, done, err := s.team(c.Context())
			if err != nil {
				return err
			}
			defer done()
			r, err := st.ConfirmDate(c.Context(), t)
			if err != nil {
				return err
			}
			return s.printRetention(r)
		},
	}
}

var keepForm = regexp.MustCompile(`^([a-z]+)=(?:ever|(?:([0-9]{1,3})y)?(?:([0-9]{1,3})d)?(?:/([0-9]{1,3}))?)$`)

// keepRow reads one row as it is typed.
func keepRow(text string) (api.RetentionRow, error) {
	m := keepForm.FindStringSubmatch(text)
	if m == nil || m[0] == m[1]+"=" {
		return api.RetentionRow{}, fmt.Errorf("%q is no row; write it like adult=10y, minor=8y/25, stream=90d or audit=ever", text)
	}
	row := api.RetentionRow{Of: m[1]}
	for i, into := range []*int{&row.Years, &row.Days, &row.Until} {
		if m[i+2] == "" {
			continue
		}
		n, err := strconv.Atoi(m[i+2])
		if err != nil || n == 0 {
			return row, errors.New("a time of nothing would remove everything; to keep it, write \"ever\"")
		}
		*into = n
	}
	return row, nil
}

func (s *session) printRetention(r api.Retention) error {
	return s.print(r, func(w io.Writer) {
		for _, row := range r.Rows {
			by := ""
			if row.By != "" {
				by = "  set at " + row.By
			}
			if row.Disputed {
				by += "; another admin said otherwise while apart, and the longer holds: set it anew"
			}
			fmt.Fprintf(w, "%-7s %s%s\n", row.Of, row.Keeps, by)
		}
		fmt.Fprintf(w, "team    for ever\n\n")
		if r.Waits != "" {
			fmt.Fprintf(w, "Nothing is removed here now: %s.\n", r.Waits)
		}
		fmt.Fprintf(w, "%d patients' records are past their time on %s.\n", r.Due, r.Now.Format(time.DateOnly))
		for _, l := range r.Next {
			fmt.Fprintf(w, "  after %s (last seen %s):", l.After.Format(time.DateOnly), l.Last.Format(time.DateOnly))
			for _, e := range l.Encounters {
				id, _ := e.MarshalText()
				fmt.Fprintf(w, " %s", id)
			}
			fmt.Fprintln(w)
		}
		for _, why := range slices.Sorted(maps.Keys(r.Held)) {
			fmt.Fprintf(w, "%d stay whatever the table says: %s.\n", r.Held[why], why)
		}
	})
}
