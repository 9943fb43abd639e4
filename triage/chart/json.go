package chart

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
)

var (
	trustWords   = []string{"unset", "by hand", "peer", "network", "gps"}
	checkedWords = []string{"none", "pin", "badge", "station"}
	absentWords  = []string{"present", "on its way", "withheld", "past its keeping time", "erased", "later version", "damaged"}
)

// word is the word for v, or its number when a later version gave it.
func word[T ~uint8](words []string, v T) string {
	if int(v) < len(words) {
		return words[v]
	}
	return strconv.Itoa(int(v))
}

// unword reads what word writes.
func unword[T ~uint8](words []string, b []byte) (T, error) {
	if i := slices.Index(words, string(b)); i >= 0 {
		return T(i), nil
	}
	n, err := strconv.ParseUint(string(b), 10, 8)
	if err != nil || int(n) < len(words) || strconv.Itoa(int(n)) != string(b) {
		return 0, fmt.Errorf("read one of %q: %w", words, ErrText)
	}
	return T(n), nil
}

// String is the trust in words.
func (t Trust) String() string { return word(trustWords, t) }

// MarshalText writes the word of String.
func (t Trust) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (t *Trust) UnmarshalText(b []byte) (err error) {
	*t, err = unword[Trust](trustWords, b)
	return err
}

// String is the way in words.
func (c Checked) String() string { return word(checkedWords, c) }

// MarshalText writes the word of String.
func (c Checked) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (c *Checked) UnmarshalText(b []byte) (err error) {
	*c, err = unword[Checked](checkedWords, b)
	return err
}

// MarshalText writes the word of String.
func (a Absent) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (a *Absent) UnmarshalText(b []byte) (err error) {
	*a, err = unword[Absent](absentWords, b)
	return err
}

// entryJSON is an entry as JSON.
type entryJSON struct {
	Ref       Ref             `json:"ref"`
	Log       uint8           `json:"log,omitempty"`
	Type      string          `json:"type,omitempty"`
	Absent    Absent          `json:"absent,omitempty"`
	Withdrawn bool            `json:"withdrawn,omitempty"`
	Demo      bool            `json:"demo,omitempty"`
	Happened  time.Time       `json:"happened,omitzero"`
	Wall      time.Time       `json:"wall,omitzero"`
	Trust     Trust           `json:"trust"`
	Boot      Boot            `json:"boot,omitzero"`
	MonoMS    int64           `json:"mono_ms,omitempty"`
	Author    authorJSON      `json:"author,omitzero"`
	Witness   *authorJSON     `json:"witness,omitempty"`
	Patient   ID              `json:"patient,omitzero"`
	Encounter ID              `json:"encounter,omitzero"`
	Saw       []Ref           `json:"saw,omitempty"`
	Content   json.RawMessage `json:"content,omitempty"`
}

type authorJSON struct {
	Staff   string  `json:"staff,omitempty"`
	Checked Checked `json:"checked"`
}

// MarshalJSON writes the entry with its content and the content's name as type. A
// content that this version cannot write, because a later one wrote it, is written
// as [Unread].
func (e Entry) MarshalJSON() ([]byte, error) {
	j := entryJSON{
		Ref: e.Ref, Log: e.Log, Absent: e.Absent, Withdrawn: e.Withdrawn, Demo: e.Demo,
		Happened: writable(e.Happened), Wall: writable(e.Wall), Trust: e.Trust, Boot: e.Boot, MonoMS: e.Mono.Milliseconds(),
		Author: authorJSON{e.Author.Staff, e.Author.Checked}, Patient: e.Patient, Encounter: e.Encounter, Saw: e.Saw,
	}
	if e.Witness != nil {
		j.Witness = &authorJSON{e.Witness.Staff, e.Witness.Checked}
	}
	if e.Content != nil {
		j.Type = e.Content.Type().String()
		content, err := json.Marshal(e.Content)
		if err != nil { // a word or time that only a later version can write
			j.Absent = Unread
		} else {
			j.Content = content
		}
	}
	return json.Marshal(j)
}

// writable is t, or the nearest time that RFC 3339 can write: one entry with an
// absurd time must not keep a whole chart from being shown.
func writable(t time.Time) time.Time {
	switch t = t.UTC(); {
	case t.Year() > 9999:
		return time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	case t.Year() < 1:
		return time.Time{}
	}
	return t
}

// UnmarshalJSON reads what MarshalJSON writes.
func (e *Entry) UnmarshalJSON(b []byte) error {
	var j entryJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*e = Entry{
		Ref: j.Ref, Log: j.Log, Absent: j.Absent, Withdrawn: j.Withdrawn, Demo: j.Demo,
		Happened: j.Happened, Wall: j.Wall, Trust: j.Trust, Boot: j.Boot, Mono: time.Duration(j.MonoMS) * time.Millisecond,
		Author: Author{Staff: j.Author.Staff, Checked: j.Author.Checked}, Patient: j.Patient, Encounter: j.Encounter, Saw: j.Saw,
	}
	if j.Witness != nil {
		e.Witness = &Author{Staff: j.Witness.Staff, Checked: j.Witness.Checked}
	}
	if e.Absent != Present {
		return nil
	}
	k, ok := KindNamed(j.Type)
	if !ok {
		e.Absent = Unread
		return nil
	}
	e.Content = k.New()
	if err := json.Unmarshal(j.Content, e.Content); err != nil {
		return fmt.Errorf("read the content of an entry of type %s: %w", k.Name, err)
	}
	return nil
}

// MarshalJSON writes the entry and how it stands in the chart.
func (f *Fact) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Entry     *Entry    `json:"entry"`
		At        time.Time `json:"at,omitzero"`
		Wall      time.Time `json:"wall,omitzero"`
		Trust     Trust     `json:"trust"`
		Standing  Standing  `json:"standing"`
		By        []Ref     `json:"by,omitempty"`
		MovedFrom ID        `json:"moved_from,omitzero"`
	}{f.Entry, writable(f.At), writable(f.Wall), f.Trust, f.Standing, f.By, f.MovedFrom})
}
