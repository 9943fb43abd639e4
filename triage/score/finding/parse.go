package finding

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"fieldkit/triage/vital"
)

// MaxInput is the longest JSON object that [Parse] reads.
const MaxInput = 64 << 10

// ErrInput reports text that is not one JSON object of findings.
var ErrInput = errors.New("not a JSON object of inputs")

// Parse reads one JSON object. An absent or null key is unknown; a finding is a
// bare value, or {"value": v, "age_s": seconds} when its age is known. An unknown
// key, a key given twice, an impossible value and a contradiction are errors that
// name it.
func Parse(b []byte) (Set, error) {
	var s Set
	if len(b) > MaxInput {
		return Set{}, fmt.Errorf("read inputs: %w: longer than %d bytes", ErrInput, MaxInput)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return Set{}, fmt.Errorf("read inputs: %w", ErrInput)
	}
	seen := map[Key]bool{}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return Set{}, fmt.Errorf("read inputs: %w", ErrInput)
		}
		k := Key(name)
		if seen[k] {
			return Set{}, fmt.Errorf("read inputs: %.64q is given twice", name)
		}
		seen[k] = true
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return Set{}, fmt.Errorf("read inputs: %.64q: %w", name, ErrInput)
		}
		row, known := k.Info()
		if !known {
			return Set{}, fmt.Errorf("read inputs: %.64q: %w; --list names those there are", name, ErrUnknownKey)
		}
		v, given, err := row.read(raw)
		if err == nil && given {
			err = s.Put(k, v)
		} else if err != nil {
			err = fmt.Errorf("%s: %w", k, err)
		}
		if err != nil {
			return Set{}, fmt.Errorf("read inputs: %w", err)
		}
	}
	if _, err := d.Token(); err != nil {
		return Set{}, fmt.Errorf("read inputs: %w", ErrInput)
	}
	if _, err := d.Token(); err != io.EOF {
		return Set{}, fmt.Errorf("read inputs: %w: more follows", ErrInput)
	}
	if err := s.Check(); err != nil {
		return Set{}, fmt.Errorf("read inputs: %w", err)
	}
	return s, nil
}

// read takes one JSON value; given is false for null.
func (row Info) read(raw json.RawMessage) (v Value, given bool, err error) {
	if raw[0] == '{' {
		var aged struct {
			Value json.RawMessage `json:"value"`
			Age   *float64        `json:"age_s"`
		}
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&aged); err != nil || len(aged.Value) == 0 || aged.Value[0] == '{' {
			return v, false, fmt.Errorf("%w: a value, or {\"value\": v, \"age_s\": seconds}", ErrImpossible)
		}
		v, given, err = row.read(aged.Value)
		if aged.Age != nil && err == nil {
			if *aged.Age < 0 || *aged.Age > 10*365*86400 || math.IsNaN(*aged.Age) {
				return v, false, fmt.Errorf("%w: age_s is from 0 to ten years", ErrImpossible)
			}
			v.Age, v.Aged = time.Duration(*aged.Age*float64(time.Second)), true
		}
		return v, given, err
	}
	if string(raw) == "null" {
		return v, false, nil
	}
	switch row.Kind {
	case Answer:
		if json.Unmarshal(raw, &v.Yes) != nil {
			return v, false, fmt.Errorf("%w: true, false or null", ErrImpossible)
		}
		return v, true, nil
	case Number, Graded:
		if row.Kind == Graded && raw[0] == '"' {
			return row.notTestable(raw)
		}
		var n vital.Decimal
		if n.UnmarshalJSON(raw) != nil {
			return v, false, fmt.Errorf("%w: a number from %s to %s", ErrImpossible, row.Min, row.Max)
		}
		return Value{Number: n}, true, nil
	}
	if row.Key == RespDistress && (string(raw) == "true" || string(raw) == "false") {
		v.Word = map[string]string{"true": present, "false": "none"}[string(raw)]
		return v, true, nil
	}
	if json.Unmarshal(raw, &v.Word) != nil {
		return v, false, fmt.Errorf("%w: one of %q", ErrImpossible, row.Words)
	}
	return v, true, nil
}

// notTestable reads "NT" and the forms crews write: "T", "1T".
func (row Info) notTestable(raw json.RawMessage) (Value, bool, error) {
	switch string(raw) {
	case `"NT"`, `"T"`, `"1T"`:
		return Value{Word: NotTestable}, true, nil
	}
	return Value{}, false, fmt.Errorf("%w: a number from %s to %s, or \"NT\"", ErrImpossible, row.Min, row.Max)
}
