package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"fieldkit/app/api"
	"fieldkit/triage/chart"
)

func (s *session) auditCommand() *cobra.Command {
	var q api.AuditQuery
	var about string
	var most int
	c := &cobra.Command{
		Use:   "audit",
		Short: "Read who looked, who signed in and who was turned away, as an admin",
		Long: `Read what this station holds of the audit log, what came last first: who watched which
patient, who signed in and out, who was turned away, and who read this. An admin's
station holds the team's, any other its own. That you read it is written down too.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if most < 0 {
				return &usageError{errors.New("--most: that is no number of rows")}
			}
			if about != "" {
				if err := q.About.UnmarshalText([]byte(about)); err != nil {
					return &usageError{fmt.Errorf("--about: %w", err)}
				}
			}
			st, t, done, err := s.team(c.Context())
			if err != nil {
				return err
			}
			defer done()
			page, err := wholeAudit(api.WithTeam(c.Context(), s.inTeam), st, t, q, most)
			if err != nil {
				return err
			}
			return s.print(page, func(w io.Writer) { printAudit(w, page) })
		},
	}
	c.Flags().StringVar(&q.Person, "person", "", "only what this `staff id` did, or was said of them")
	c.Flags().StringVar(&about, "about", "", "only what is about this patient or encounter, by its `id`")
	c.Flags().IntVar(&most, "most", 50, "how many `rows` at most, the newest; 0 for all")
	c.Flags().StringVar(&s.inTeam, "team", "", "whose log, where the station belongs to several teams: the team's `name` (the home team)")
	return c
}

// wholeAudit reads page after page until there are most rows, or all when most is 0.
func wholeAudit(ctx context.Context, st api.Auditor, t api.Token, q api.AuditQuery, most int) (whole api.AuditPage, err error) {
	for {
		q.Most = api.AuditMost
		if most > 0 {
			q.Most = min(api.AuditMost, most-len(whole.Rows))
		}
		page, err := st.Audit(ctx, t, q)
		if err != nil {
			return whole, err
		}
		page.Rows = append(whole.Rows, page.Rows...)
		page.Absent, page.Read = page.Absent+whole.Absent, page.Read+whole.Read
		page.All = max(page.All, whole.All) // each page is written down, and so adds one
		whole = page
		if page.Next == nil || most > 0 && len(whole.Rows) >= most {
			return whole, nil
		}
		q.After = *page.Next
	}
}

func printAudit(w io.Writer, page api.AuditPage) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range page.Rows {
		who := r.Staff
		if who == "" {
			who = "(" + r.Checked + ")"
		}
		what := r.Act
		if r.How != "" {
			what += " by " + r.How
		}
		if r.Times > 1 {
			what += fmt.Sprintf(", %d times", r.Times)
		}
		var about []string
		if r.Person != "" {
			about = append(about, r.Person)
		}
		for _, id := range []chart.ID{r.Patient, r.Encounter} {
			if id != (chart.ID{}) {
				about = append(about, id.String())
			}
		}
		if r.Unconfirmed {
			about = append(about, "(written by a withdrawn tablet)")
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", clock(r.At), r.Station, who, what, r.Where, strings.Join(about, " "))
	}
	table.Flush()
	if len(page.Rows) == 0 {
		fmt.Fprintln(w, "Nothing of that is in the audit log here.")
	}
	switch {
	case page.Next == nil:
	case page.All > 0:
		fmt.Fprintf(w, "%d of %d; more with --most.\n", len(page.Rows), page.All)
	default:
		fmt.Fprintf(w, "The latest %d; more with --most.\n", len(page.Rows))
	}
	if page.Absent > 0 {
		fmt.Fprintf(w, "%d entries of the audit log cannot be read here: they are for the team's admins, or of a later version.\n", page.Absent)
	}
}
