package lang

import (
	"testing"

	"fieldkit/triage/score/finding"
	"fieldkit/triage/sieve"
)

func TestEveryQuestionIsAskedInEveryLanguage(t *testing.T) {
	for _, row := range finding.Table {
		words, ok := findings[row.Key]
		for i, w := range words {
			if !ok || w == "" {
				t.Errorf("%s is not asked in %s", row.Key, Languages[i].Name())
			}
		}
	}
	for k := range findings {
		if _, ok := k.Info(); !ok {
			t.Errorf("%q is asked and is no finding", k)
		}
	}
}

func TestEveryCategoryAndEveryWordOfAnAnswerIsTranslated(t *testing.T) {
	s := &Speech{Language: Spanish}
	for c := range categories {
		if c.Urgency() == 0 && c != sieve.Incomplete && c != sieve.Refused {
			t.Errorf("%q is no category", c)
		}
	}
	for _, c := range []sieve.Category{
		sieve.Immediate, sieve.Delayed, sieve.Minor, sieve.Minimal, sieve.Expectant, sieve.Deceased, sieve.Dead, sieve.P1, sieve.P2, sieve.P3,
		sieve.NotBreathing, sieve.Red, sieve.Yellow, sieve.NoCriterion, sieve.Incomplete, sieve.Refused,
	} {
		if _, ok := categories[c]; !ok {
			t.Errorf("%q has no words", c)
		}
	}
	for _, row := range finding.Table {
		for _, w := range row.Words {
			if _, ok := answers[w]; !ok && len(w) > 1 {
				t.Errorf("%s: the answer %q has no words", row.Key, w)
			}
			if s.Answer(w) == "" {
				t.Errorf("%s: the answer %q is said as nothing", row.Key, w)
			}
		}
	}
}
