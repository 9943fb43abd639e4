package trial

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"fieldkit/triage/rhythm/wfdb"
)

// ErrNothing reports a folder without a marked record.
var ErrNothing = errors.New("no record with reference marks here")

// ErrLead reports a lead that the record does not have.
var ErrLead = errors.New("no such lead")

// A lead is one signal of a record with the record's reference marks.
type lead struct {
	name   string
	rate   float64
	counts []int32
	scale  float64 // mV per count; 0 when not in mV
	marks  []wfdb.Annotation
	notes  []string
}

// open reads lead n of the record whose header is at name.
func open(fsys fs.FS, name string, n int) (*lead, error) {
	r, err := wfdb.Open(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	if n < 0 || n >= len(r.Counts) {
		return nil, fmt.Errorf("open %s: lead %d of %d, counted from 0: %w", name, n, len(r.Counts), ErrLead)
	}
	s := r.Signals[n]
	l := &lead{
		name: strings.TrimSuffix(path.Base(name), ".hea"), rate: r.Rate * float64(s.PerFrame),
		counts: r.Counts[n], notes: r.Comments,
	}
	switch strings.ToLower(s.Unit) {
	case "mv":
		l.scale = 1 / s.Gain
	case "uv":
		l.scale = 0.001 / s.Gain
	}
	return l, nil
}

// readMarks reads the reference marks beside a header.
func (l *lead) readMarks(fsys fs.FS, header string) error {
	b, err := fs.ReadFile(fsys, strings.TrimSuffix(header, ".hea")+".atr")
	if err != nil {
		return fmt.Errorf("read reference marks: %w", err)
	}
	l.marks, err = wfdb.ReadAnnotations(b)
	return err
}

// marked lists the headers in fsys that have reference marks, and those that have none.
func marked(fsys fs.FS) (with, without []string, err error) {
	headers, err := fs.Glob(fsys, "*.hea")
	if err != nil {
		return nil, nil, fmt.Errorf("list records: %w", err)
	}
	for _, name := range headers {
		if _, err := fs.Stat(fsys, strings.TrimSuffix(name, ".hea")+".atr"); err != nil {
			without = append(without, name)
			continue
		}
		with = append(with, name)
	}
	if len(with) == 0 {
		return nil, without, ErrNothing
	}
	return with, without, nil
}

// paced reports whether a pacemaker drives some of the beats.
func (l *lead) paced() bool {
	return slices.ContainsFunc(l.marks, func(m wfdb.Annotation) bool { return m.Code == wfdb.Paced })
}
