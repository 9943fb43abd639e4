package command

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// errHex reports text that is not hex.
var errHex = errors.New("not hex text")

// fromHex reads hex text: pairs of digits with any white space, commas and 0x
// between, comments after # or //, the offsets and margin of a hex dump, or
// characters with \x escapes as Python prints bytes.
func fromHex(text []byte) ([]byte, error) {
	var lines [][]byte
	for line := range bytes.Lines(text) {
		if line = bytes.TrimRight(line, "\r\n"); !bytes.HasPrefix(bytes.TrimSpace(line), []byte("#")) {
			lines = append(lines, line)
		}
	}
	if bytes.Contains(text, []byte(`\x`)) {
		return unescape(lines)
	}
	if b, ok := fromDump(lines); ok {
		return b, nil
	}
	var out []byte
	for n, line := range lines {
		for _, token := range tokens(line) {
			b, err := hex.DecodeString(token)
			if err != nil {
				return nil, notHex(n)
			}
			out = append(out, b...)
		}
	}
	return out, nil
}

// tokens is the words of a line before its comment.
func tokens(line []byte) []string {
	text, _, _ := strings.Cut(string(line), "#")
	text, _, _ = strings.Cut(text, "//")
	words := strings.FieldsFunc(text, func(c rune) bool { return c == ' ' || c == '\t' || c == ',' || c == ';' })
	for i, w := range words {
		words[i] = strings.TrimPrefix(strings.TrimPrefix(w, "0x"), "0X")
	}
	return words
}

// fromDump reads a hex dump: lines of an offset, bytes, and perhaps a margin of
// characters. It is one only if every offset is where the bytes before it end, so
// that no byte is taken for an offset, nor an offset for bytes.
func fromDump(lines [][]byte) ([]byte, bool) {
	var out []byte
	base, first := uint64(0), true
	for _, line := range lines {
		text, _, _ := strings.Cut(string(line), "|")
		words := strings.Fields(text)
		if len(words) == 0 {
			continue
		}
		digits, colon := strings.CutSuffix(words[0], ":")
		at, err := strconv.ParseUint(digits, 16, 64)
		if err != nil || len(digits) < 4 {
			return nil, false
		}
		if first {
			base, first = at, false
		}
		if at != base+uint64(len(out)) {
			return nil, false
		}
		rest := strings.TrimSpace(text[strings.Index(text, words[0])+len(words[0]):])
		if colon {
			rest, _, _ = strings.Cut(rest, "  ") // the margin
		}
		for n, w := range strings.Fields(rest) {
			b, err := hex.DecodeString(w)
			if err != nil || len(b) > 2 || !colon && len(b) != 1 {
				if n == 0 {
					return nil, false
				}
				break // the margin
			}
			out = append(out, b...)
		}
	}
	return out, len(out) > 0 && base == 0
}

// unescape reads characters with Python's escapes.
func unescape(lines [][]byte) ([]byte, error) {
	var out []byte
	for n, line := range lines {
		for i := 0; i < len(line); i++ {
			if line[i] != '\\' || i+1 == len(line) {
				out = append(out, line[i])
				continue
			}
			i++
			switch line[i] {
			case 'x':
				if i+2 >= len(line) {
					return nil, notHex(n)
				}
				b, err := hex.DecodeString(string(line[i+1 : i+3]))
				if err != nil {
					return nil, notHex(n)
				}
				out = append(out, b...)
				i += 2
			case 'r':
				out = append(out, '\r')
			case 'n':
				out = append(out, '\n')
			case 't':
				out = append(out, '\t')
			default:
				out = append(out, line[i])
			}
		}
	}
	return out, nil
}

// notHex names the line, counted without those that are comments only. What stands
// there may be a patient's and is not repeated.
func notHex(line int) error { return fmt.Errorf("line %d: %w", line+1, errHex) }
