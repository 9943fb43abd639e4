package gs1

import (
	"errors"
	"fmt"
	"time"
)

// What can be wrong with an element string. A scan with any of them is refused.
var (
	ErrCheck   = errors.New("a check digit is wrong: scan again")
	ErrElement = errors.New("not a GS1 element string: scan the code with GTIN and expiry")
)

// An Element is one application identifier with its data.
type Element struct {
	AI   string `json:"ai"`
	Data string `json:"data"`
}

// A Scan is one element string.
type Scan struct {
	Symbology string    `json:"symbology,omitempty"` // "]d2", "" when the scanner does not say
	Elements  []Element `json:"elements"`
}

// Get is the data of an identifier, "" when the scan has none.
func (s Scan) Get(ai string) string {
	for _, e := range s.Elements {
		if e.AI == ai {
			return e.Data
		}
	}
	return ""
}

// GTIN is the article number, 14 digits.
func (s Scan) GTIN() string { return s.Get("01") }

// Lot is the batch.
func (s Scan) Lot() string { return s.Get("10") }

// Serial is the pack's own number.
func (s Scan) Serial() string { return s.Get("21") }

// Expiry is the last day on which the article may be used, false when the scan
// says none. year is the present one: two digits are the year nearest to it, within
// 49 years before and 50 after.
func (s Scan) Expiry(year int) (time.Time, bool) {
	return Date(s.Get("17"), year)
}

// Date reads YYMMDD. Day 00 is the last of the month.
func Date(text string, year int) (time.Time, bool) {
	if len(text) != 6 || !digits(text) {
		return time.Time{}, false
	}
	two := func(i int) int { return int(text[i]-'0')*10 + int(text[i+1]-'0') }
	y := year - year%100 + two(0)
	switch past := y - year; {
	case past > 50:
		y -= 100
	case past < -49:
		y += 100
	}
	month, day := time.Month(two(2)), two(4)
	if month < 1 || month > 12 {
		return time.Time{}, false
	}
	if day == 0 {
		return time.Date(y, month+1, 0, 0, 0, 0, 0, time.UTC), true
	}
	t := time.Date(y, month, day, 0, 0, 0, 0, time.UTC)
	return t, t.Day() == day
}

// group is the FNC1 between elements, as scanners send it.
const group = 29

// symbologies are the identifiers of codes that hold element strings: GS1-128,
// DataMatrix, QR, DataBar, DotCode.
var symbologies = [...]string{"]C1", "]d2", "]Q3", "]e0", "]J1"}

// scanMost is the most characters of one code (DataMatrix holds 2335 of these).
const scanMost = 2400

// Parse reads one scan without its line end. Errors match ErrCheck or ErrElement.
func Parse(b []byte) (Scan, error) {
	var s Scan
	for _, id := range symbologies {
		if len(b) >= 3 && string(b[:3]) == id {
			s.Symbology, b = id, b[3:]
		}
	}
	if len(b) > scanMost {
		return Scan{}, fmt.Errorf("read a scan: %w", ErrElement)
	}
	for len(b) > 0 {
		if b[0] == group {
			b = b[1:]
			continue
		}
		e, n, err := element(b)
		if err != nil {
			return Scan{}, fmt.Errorf("read a scan: %w", err)
		}
		s.Elements = append(s.Elements, Element{string(e.ai), string(e.data)})
		b = b[n:]
	}
	if len(s.Elements) == 0 {
		return Scan{}, fmt.Errorf("read a scan: %w", ErrElement)
	}
	return s, nil
}

type raw struct{ ai, data []byte }

// element reads the element at the front of b and gives its length.
func element(b []byte) (e raw, n int, err error) {
	if len(b) < 3 || !digit(b[0]) || !digit(b[1]) {
		return e, 0, ErrElement
	}
	k := kindOf(b)
	if k.ai == 0 || len(b) <= k.ai || !digitsIn(b[:k.ai]) {
		return e, 0, ErrElement
	}
	e.ai = b[:k.ai]
	if k.fixed {
		if len(b) < k.ai+k.most {
			return e, 0, ErrElement
		}
		n = k.ai + k.most
		e.data = b[k.ai:n]
	} else {
		n = k.ai
		for n < len(b) && b[n] != group {
			n++
		}
		e.data = b[k.ai:n]
		if len(e.data) == 0 || len(e.data) > k.most {
			return e, 0, ErrElement
		}
	}
	for _, c := range e.data {
		if c < '!' || c > 'z' || k.numeric && !digit(c) {
			return e, 0, ErrElement
		}
	}
	if k.check && !CheckDigit(e.data) {
		return e, 0, ErrCheck
	}
	if k.date {
		if _, ok := Date(string(e.data), 2026); !ok { // whether it is a date does not depend on the century
			return e, 0, ErrElement
		}
	}
	return e, n, nil
}

// A kind is what is known of an identifier: its own length and that of its data.
type kind struct {
	ai, most                    int
	fixed, numeric, check, date bool
}

// kindOf is the kind of the identifier b begins with, at least two digits; ai 0 for
// none. Identifiers whose first two digits are 00 to 04, 11 to 20, 31 to 36 and 41
// have a fixed length (GS1 General Specifications 7.8.5).
func kindOf(b []byte) kind {
	switch n := int(b[0]-'0')*10 + int(b[1]-'0'); {
	case n == 0:
		return kind{ai: 2, most: 18, fixed: true, numeric: true, check: true}
	case n >= 1 && n <= 3:
		return kind{ai: 2, most: 14, fixed: true, numeric: true, check: true}
	case n == 11, n == 12, n == 13, n == 15, n == 16, n == 17:
		return kind{ai: 2, most: 6, fixed: true, numeric: true, date: true}
	case n == 20:
		return kind{ai: 2, most: 2, fixed: true, numeric: true}
	case n == 10, n == 21, n == 22:
		return kind{ai: 2, most: 20}
	case n == 30, n == 37:
		return kind{ai: 2, most: 8, numeric: true}
	case n == 90:
		return kind{ai: 2, most: 30}
	case n >= 91:
		return kind{ai: 2, most: 90}
	case n >= 23 && n <= 25:
		return kind{ai: 3, most: 30}
	case n == 40, n == 42:
		return kind{ai: 3, most: 30}
	case n == 71:
		return kind{ai: 3, most: 20}
	case n == 41:
		return kind{ai: 3, most: 13, fixed: true, numeric: true, check: true}
	case n >= 31 && n <= 36:
		return kind{ai: 4, most: 6, fixed: true, numeric: true}
	case n == 39, n == 43, n == 70, n == 72, n >= 80 && n <= 82:
		return kind{ai: 4, most: 90}
	}
	return kind{}
}

// CheckDigit reports whether the last digit of a GTIN, GLN or SSCC is right:
// weights 3 and 1 from the right, sum a multiple of ten.
func CheckDigit(number []byte) bool {
	sum := 0
	for i := range number {
		c := number[len(number)-1-i]
		if !digit(c) {
			return false
		}
		weight := 1
		if i%2 == 1 {
			weight = 3
		}
		sum += weight * int(c-'0')
	}
	return len(number) > 1 && sum%10 == 0
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func digits(s string) bool { return digitsIn([]byte(s)) }

func digitsIn(b []byte) bool {
	for _, c := range b {
		if !digit(c) {
			return false
		}
	}
	return true
}
