package identity

import (
	"errors"
	"strings"
)

// Words carry 16 bits each as consonant, vowel, consonant, vowel, consonant: the
// quintuplets of D. Wilkerson, "A Proposal for Proquints" (arXiv 0901.4016). They
// need no list and no language, no two differ only by letters that look or sound
// alike, and they can be said over a radio.
const (
	consonants = "bdfghjklmnprstvz"
	vowels     = "aiou"
)

var errWord = errors.New("not a word of this kind")

// words is b, of an even number of bytes, as words.
func words(b []byte) []string {
	out := make([]string, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		n := int(b[0])<<8 | int(b[1])
		out = append(out, string([]byte{
			consonants[n>>12], vowels[n>>10&3], consonants[n>>6&15], vowels[n>>4&3], consonants[n&15],
		}))
	}
	return out
}

// unwords is the bytes of words parted by spaces, hyphens or line ends.
func unwords(text string) ([]byte, error) {
	if len(text) > 1024 {
		return nil, errWord
	}
	var out []byte
	for w := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return r == '-' || r == ' ' || r == '\n' || r == '\r' || r == '\t' }) {
		if len(w) != 5 {
			return nil, errWord
		}
		n := 0
		for i := range 5 {
			set, bits := consonants, 4
			if i%2 == 1 {
				set, bits = vowels, 2
			}
			at := strings.IndexByte(set, w[i])
			if at < 0 {
				return nil, errWord
			}
			n = n<<bits | at
		}
		out = append(out, byte(n>>8), byte(n))
	}
	return out, nil
}
