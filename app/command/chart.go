package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
)

func (s *session) patientsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "patients",
		Short: "List the encounters this station holds",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			st, token, done, err := s.station(c.Context())
			if err != nil {
				return err
			}
			defer done()
			rows, err := st.Encounters(c.Context(), token)
			if err != nil {
				return err
			}
			return s.print(rows, func(w io.Writer) {
				for _, r := range rows {
					fmt.Fprintf(w, "%s  %-28s %s, opened %s", r.Encounter, nameOf(r), r.Status, clock(r.Opened.Time()))
					if r.Doubts > 0 {
						fmt.Fprintf(w, ", %d entries not readable here", r.Doubts)
					}
					switch {
					case r.Lent != nil:
						fmt.Fprintf(w, ", %s", lentLine(r.Lent))
					case r.Team != "":
						fmt.Fprintf(w, ", team %s", r.Team)
					}
					if r.Demo {
						fmt.Fprint(w, "  TRAINING")
					}
					fmt.Fprintln(w)
				}
				if len(rows) == 0 {
					fmt.Fprintln(w, "No encounters yet.")
				}
			})
		},
	}
}

func (s *session) showCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show ENCOUNTER",
		Short: "Show everything recorded in an encounter",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			var id chart.ID
			if err := id.UnmarshalText([]byte(args[0])); err != nil {
				return &usageError{errors.New("that is not an encounter's id; take it from 'patients'")}
			}
			st, token, done, err := s.station(c.Context())
			if err != nil {
				return err
			}
			defer done()
			entries, err := st.Entries(c.Context(), token, id)
			if err != nil {
				return err
			}
			if !s.asJSON {
				return showWords(s.out, entries)
			}
			out := json.NewEncoder(s.out)
			for _, e := range entries {
				if err := out.Encode(e); err != nil {
					return fmt.Errorf("print the entries: %w", err)
				}
			}
			return nil
		},
	}
}

func showWords(w io.Writer, entries []chart.Entry) error {
	for _, e := range entries {
		by := e.Author.Staff
		if e.Author.Checked == chart.CheckedStation {
			by = "the station"
		}
		if e.Content == nil {
			fmt.Fprintf(w, "%-19s  %-20s %s\n", "", e.Absent, e.Ref)
			continue
		}
		content, err := json.Marshal(e.Content)
		if err != nil {
			return fmt.Errorf("print the entries: %w", err)
		}
		fmt.Fprintf(w, "%s  %-20s %s  by %s\n", clock(e.Happened), e.Content.Type(), content, by)
	}
	return nil
}

// nameOf is how a row's patient is called on a line.
func nameOf(r chart.Row) string {
	switch {
	case r.Who.Family != "" || r.Who.Given != "":
		return strings.TrimSpace(r.Who.Given + " " + r.Who.Family)
	case r.Who.Label != "":
		return r.Who.Label
	}
	return "unknown patient"
}

func clock(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }

func (s *session) recordCommand() *cobra.Command {
	var encounter, patient, happened string
	c := &cobra.Command{
		Use:   "record KIND",
		Short: "Record an entry, its content as JSON on standard input",
		Long: `Record an entry. KIND is the content's name ('record --list' prints them); its
content comes as one JSON object on standard input. The answer says where the
entry stands; it is given once the entry is on disk.

  echo '{"setting":"ambulance","complaint":"chest pain"}' | fieldkitd record encounter-opened
  echo '{"text":"found sitting"}' | fieldkitd record note --encounter ID`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if list, _ := c.Flags().GetBool("list"); list {
				for _, k := range chart.Kinds {
					fmt.Fprintln(s.out, k.Name)
				}
				return nil
			}
			if len(args) != 1 {
				return &usageError{errors.New("say which kind of entry; 'record --list' prints them")}
			}
			d := api.Draft{Kind: args[0]}
			for _, f := range []struct {
				name, text string
				into       *chart.ID
			}{{"encounter", encounter, &d.Encounter}, {"patient", patient, &d.Patient}} {
				if f.text == "" {
					continue
				}
				if err := f.into.UnmarshalText([]byte(f.text)); err != nil {
					return &usageError{fmt.Errorf("--%s is not an id; take it from 'patients --json'", f.name)}
				}
			}
			if happened != "" {
				at, err := time.Parse(time.RFC3339, happened)
				if err != nil {
					return &usageError{errors.New("--happened is not a time like 2026-11-22T14:05:00+01:00")}
				}
				d.Happened = at
			}
			content, err := io.ReadAll(io.LimitReader(s.in, 256<<10))
			if err != nil {
				return fmt.Errorf("read the content: %w", err)
			}
			if !json.Valid(content) {
				return &usageError{errors.New("standard input is not one JSON object")}
			}
			d.Content = content
			st, token, done, err := s.station(c.Context())
			if err != nil {
				return err
			}
			defer done()
			recorded, err := st.Record(c.Context(), token, d)
			if err != nil {
				return err
			}
			return s.print(recorded, func(w io.Writer) { fmt.Fprintf(w, "recorded in encounter %s\n", recorded.Encounter) })
		},
	}
	c.Flags().StringVar(&encounter, "encounter", "", "`id` of the encounter; a new one for encounter-opened")
	c.Flags().StringVar(&patient, "patient", "", "`id` of the patient")
	c.Flags().StringVar(&happened, "happened", "", "when it was true, for late charting")
	c.Flags().Bool("list", false, "print the kinds of entries")
	return c
}
