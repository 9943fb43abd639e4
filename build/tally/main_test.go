package main

import (
	"strings"
	"testing"
)

func TestTally(t *testing.T) {
	const pass = `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p"}
`
	const skipped = `{"Action":"output","Package":"p","Test":"TestB","Output":"    x_test.go:3: foreign data a/b is not here\n"}
{"Action":"skip","Package":"p","Test":"TestB"}
`
	const failed = `{"Action":"output","Package":"p","Test":"TestC","Output":"wrong by 3\n"}
{"Action":"fail","Package":"p","Test":"TestC"}
{"Action":"fail","Package":"p"}
`
	const unbuilt = `{"ImportPath":"p","Action":"build-output","Output":"p/x.go:1: no\n"}
{"Action":"fail","Package":"p","FailedBuild":"p"}
`
	for _, c := range []struct {
		story, input string
		allowed      []string
		well         bool
		says         string
	}{
		{"all pass", pass, nil, true, "1 passed, 0 failed, 0 skipped"},
		{"a skip that is allowed", pass + skipped, []string{"foreign data"}, true, "1 passed, 0 failed, 1 skipped"},
		{"a skip nobody allowed", pass + skipped, []string{"display"}, false, "! p TestB: x_test.go:3: foreign data a/b is not here"},
		{"a failed test", pass + failed, nil, false, "wrong by 3"},
		{"a package that does not build", unbuilt, nil, false, "p/x.go:1: no"},
	} {
		t.Run(c.story, func(t *testing.T) {
			var out strings.Builder
			ta := &tally{output: map[key][]string{}, echo: &out}
			if err := ta.read(strings.NewReader(c.input)); err != nil {
				t.Fatal(err)
			}
			if well := ta.report(&out, c.allowed); well != c.well {
				t.Errorf("well = %v, want %v", well, c.well)
			}
			if !strings.Contains(out.String(), c.says) {
				t.Errorf("it does not say %q:\n%s", c.says, out.String())
			}
		})
	}
}
