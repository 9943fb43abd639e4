package command

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"fieldkit/triage/score"
	"fieldkit/triage/score/finding"
)

// errNotScored ends a command of which an input gave no result.
var errNotScored = errors.New("an input gave no result")

func (s *session) scoreCommand() *cobra.Command {
	var list bool
	c := &cobra.Command{
		Use:   "score NAME",
		Short: "Score patients, read as JSON from the standard input",
		Long: `Reads one JSON object, or one per line, and prints one each. An absent or null
input is unknown; a total with an input missing is incomplete. An input is a bare
value or {"value": v, "age_s": seconds}. --list names the scores and their inputs.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if list {
				return s.listScores(args)
			}
			if len(args) == 0 {
				return &usageError{errors.New("name a score; --list names those there are")}
			}
			rule, err := score.Named(args[0])
			if err != nil {
				return &usageError{err}
			}
			return s.judgeEach(c.Context(), "score", rule.ID, rule.Version, func(in finding.Set) (any, string, error) {
				r, err := rule.Apply(in)
				return r, r.Refused, err
			})
		},
	}
	c.Flags().BoolVar(&list, "list", false, "print names, inputs, sources and licences")
	return c
}

func (s *session) listScores(args []string) error {
	rules := score.Rules
	if len(args) == 1 {
		rule, err := score.Named(args[0])
		if err != nil {
			return &usageError{err}
		}
		rules = []score.Rule{rule}
	}
	return s.print(rules, func(w io.Writer) {
		for _, r := range rules {
			printRule(w, r.ID, r.Title, r.Version, r.Inputs, r.Source, r.Licence)
		}
	})
}

func printRule(w io.Writer, id, title, version string, inputs []finding.Key, source, licence string) {
	names := make([]string, len(inputs))
	for i, k := range inputs {
		names[i] = string(k)
	}
	fmt.Fprintf(w, "%-12s %s (%s)\n  inputs   %s\n  source   %s\n  licence  %s\n", id, title, version, strings.Join(names, " "), source, licence)
}

// judgeEach reads the inputs and prints what judge makes of each. An input that
// cannot be judged prints why in its place; the others go on, and the command
// fails at the end.
func (s *session) judgeEach(ctx context.Context, kind, id, version string, judge func(finding.Set) (result any, refused string, err error)) error {
	out := bufio.NewWriter(s.out)
	defer out.Flush()
	write := json.NewEncoder(out)
	write.SetEscapeHTML(false)
	var failed error
	n := 0
	err := eachObject(s.in, func(b []byte) error {
		n++
		if err := ctx.Err(); err != nil {
			return err
		}
		in, err := finding.Parse(b)
		var result any
		var refused string
		if err == nil {
			result, refused, err = judge(in)
		}
		if err == nil && refused != "" && failed == nil {
			failed = fmt.Errorf("input %d: %s", n, refused)
		}
		if err != nil {
			if failed == nil {
				failed = fmt.Errorf("input %d: %w", n, err)
			}
			result = map[string]string{kind: id, "version": version, "error": err.Error()}
		}
		return write.Encode(result)
	})
	if err == nil && n == 0 {
		return &usageError{errors.New("nothing to read: give one JSON object, or one per line")}
	}
	if err != nil {
		return fmt.Errorf("read inputs: %w", err)
	}
	if failed != nil {
		return fmt.Errorf("%w: %w", errNotScored, failed)
	}
	return nil
}

// eachObject hands on the JSON objects of in, one per line or one over several
// lines. A broken one is handed on as it stands, up to where the next begins.
func eachObject(in io.Reader, each func([]byte) error) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 4096), finding.MaxInput+1)
	var held []byte
	flush := func() error {
		b := bytes.TrimSpace(held)
		held = nil
		if len(b) == 0 {
			return nil
		}
		return each(b)
	}
	for lines.Scan() {
		line := bytes.TrimSpace(lines.Bytes())
		if len(held) > 0 && len(line) > 0 && line[0] == '{' || len(held) > finding.MaxInput {
			if err := flush(); err != nil {
				return err
			}
		}
		held = append(append(held, line...), '\n')
		if len(line) == 0 || json.Valid(held) || held[0] != '{' {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return flush()
}
