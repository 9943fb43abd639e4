package command

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"fieldkit/triage/score/finding"
	"fieldkit/triage/sieve"
)

// everySieve is the name that asks for all sorts side by side.
const everySieve = "all"

func (s *session) sieveCommand() *cobra.Command {
	var list bool
	c := &cobra.Command{
		Use:   "sieve NAME",
		Short: "Sort casualties, read as JSON from the standard input",
		Long: `Reads one JSON object, or one per line, and prints one each. An absent or null
input is unknown and never makes a casualty less urgent. "sieve all" shows every
sort of each casualty, the most urgent first, and names their disagreement.
--list names the sorts and their inputs.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if list {
				return s.listSieves(args)
			}
			if len(args) == 0 {
				return &usageError{errors.New("name a sieve, or all; --list names those there are")}
			}
			if args[0] == everySieve {
				return s.judgeEach(c.Context(), "sieve", everySieve, "", func(in finding.Set) (any, string, error) {
					all, err := sieve.Compare(in)
					return all, "", err
				})
			}
			rule, err := sieve.Named(args[0])
			if err != nil {
				return &usageError{err}
			}
			return s.judgeEach(c.Context(), "sieve", rule.ID, rule.Version, func(in finding.Set) (any, string, error) {
				r, err := rule.Apply(in)
				return r, r.Refused, err
			})
		},
	}
	c.Flags().BoolVar(&list, "list", false, "print names, inputs, sources and licences")
	return c
}

func (s *session) listSieves(args []string) error {
	rules := sieve.Rules
	if len(args) == 1 {
		rule, err := sieve.Named(args[0])
		if err != nil {
			return &usageError{err}
		}
		rules = []sieve.Rule{rule}
	}
	return s.print(rules, func(w io.Writer) {
		for _, r := range rules {
			printRule(w, r.ID, r.Title, r.Version, r.Inputs, r.Source, r.Licence)
		}
	})
}
