package clinic

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"fieldkit/triage/chart"
	"fieldkit/triage/handover"
	"fieldkit/ui/lang"
)

// A NoteList is what a site's notes are tapped of, in the order of its buttons. It is a
// file the site writes and approves.
type NoteList struct {
	// Approved is by whom and when. Without it the screen says that the list is an
	// example.
	Approved    string   `json:"approved"`
	Complaint   []Chip   `json:"complaint"`
	Since       []Chip   `json:"since"` // how long it has lasted; one is chosen
	History     []Chip   `json:"history"`
	Examination []System `json:"examination"`
	Assessment  []Chip   `json:"assessment"`
	Plan        []Chip   `json:"plan"` // treatment apart from drugs, advice, follow-up
}

// A Chip is one button: the record's English word, and the screen's in other languages.
type Chip struct {
	Name    string `json:"name"`
	French  string `json:"fr,omitempty"`
	Spanish string `json:"es,omitempty"`
	// Condition says that a patient who has it has it from now on: an illness for the
	// list of conditions, not a finding of the day.
	Condition bool `json:"condition,omitempty"`
	// Normal says that the system was examined and nothing was found; it stands alone.
	Normal bool `json:"normal,omitempty"`
}

// A System is what is examined at once, and what may be found.
type System struct {
	Chip
	Findings []Chip `json:"findings"`
}

// chipsPerPage is what one page of buttons holds.
const chipsPerPage = 12

//go:embed example-notes.json
var exampleNotes []byte

// ExampleNotes is the list the program comes with. It is approved by nobody.
func ExampleNotes() *NoteList {
	l, err := ReadNotes(exampleNotes)
	if err != nil {
		panic(fmt.Sprintf("the example list of notes cannot be read: %v", err)) // a test reads it
	}
	return l
}

// LoadNotes reads the list in a file.
func LoadNotes(path string) (*NoteList, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the list of notes: %w", err)
	}
	return ReadNotes(b)
}

// ReadNotes reads a list. A list with an unknown field, an empty or double word, or
// more than fits a page is an error as a whole: half a list is a trap.
func ReadNotes(b []byte) (*NoteList, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	l := &NoteList{}
	if err := d.Decode(l); err != nil {
		return nil, fmt.Errorf("read the list of notes: %w", err)
	}
	var errs []error
	page := func(where string, most int, chips []Chip) {
		if len(chips) == 0 || len(chips) > most {
			errs = append(errs, fmt.Errorf("%s has %d words, and must have 1 to %d", where, len(chips), most))
		}
		seen := map[string]bool{}
		for i, c := range chips {
			key := strings.ToLower(strings.TrimSpace(c.Name))
			if key == "" || len(c.Name) > chart.MaxName || seen[key] {
				errs = append(errs, fmt.Errorf("%s: word %d is empty, too long or there twice", where, i+1))
			}
			seen[key] = true
		}
	}
	page("complaint", chipsPerPage-len(l.Since), l.Complaint)
	if len(l.Since) > 0 {
		page("since", 6, l.Since)
	}
	page("history", chipsPerPage, l.History)
	systems := make([]Chip, len(l.Examination))
	for i, s := range l.Examination {
		systems[i] = s.Chip
		page(fmt.Sprintf("examination, system %d", i+1), chipsPerPage, s.Findings)
	}
	page("examination", chipsPerPage, systems)
	page("assessment", chipsPerPage, l.Assessment)
	page("plan", chipsPerPage, l.Plan)
	for _, s := range systems {
		switch s.Name {
		case areaComplaint, areaHistory, areaAssessment, areaPlan, handover.Body, string(handover.Mechanism), "score":
			errs = append(errs, errors.New("examination: a system has the name of another part of the record"))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("read the list of notes: %w", err)
	}
	return l, nil
}

// in is a chip's words in a language; the record's where the list has none.
func (c Chip) in(l lang.Language) string {
	words := [...]string{lang.English: c.Name, lang.French: c.French, lang.Spanish: c.Spanish}[min(l, lang.Spanish)]
	if words == "" {
		return c.Name
	}
	return words
}

// shown is a chip's words on a button.
func (c Chip) shown(l lang.Language) string { return lang.Capital(c.in(l)) }

// Term is a word of the record in a language, where the list has it.
func (l *NoteList) Term(to lang.Language, word string) string {
	all := [][]Chip{l.Complaint, l.Since, l.History, l.Assessment, l.Plan}
	for _, s := range l.Examination {
		all = append(all, []Chip{s.Chip}, s.Findings)
	}
	for _, chips := range all {
		for _, c := range chips {
			if c.Name == word {
				return c.in(to)
			}
		}
	}
	if k, ok := areaKeys[word]; ok {
		return strings.ToLower((&lang.Speech{Language: to}).Say(k))
	}
	if k, ok := certainties[word]; ok {
		return (&lang.Speech{Language: to}).Say(k)
	}
	return word
}
