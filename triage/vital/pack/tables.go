package pack

// The tables of the long form. Row c holds, for the values 0 to 63 of a context
// c, the lengths of their codes as hexadecimal digits; the codes follow from the
// lengths as in DEFLATE (RFC 1951, 3.2.2). Learned from twelve MIT-BIH records
// (101, 104, 108, 112, 115, 118, 122, 201, 205, 208, 215, 223); held against the
// twelve others in the tests. Part of the format: never changed in version 1.

const (
	contexts = 20
	values   = 64 // the last one says that the value follows
	longest  = 11 // bits of a code
)

var lengths = [contexts]string{
	"123467888abbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
	"12346778bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
	"12355677aa99bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
	"2233445566999abbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
	"223344556689bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
	"223344556689bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
	"223344556689bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
	"223344556689bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
	"223344556689bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
	"2233445567789abbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
	"23333445567789aabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
	"3333334455678889aaaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
	"333333445567889999aabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
	"33333444555666788899aaaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
	"33334444455566777888999aaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
	"33334444555566667778889999aabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
	"34444444445555556666778888899999aaaabbbbbbbbbbbbbbbbbbbbbbbbbbbb",
	"44444444445555556666667777778888889999aaaaabbbbbbbbbbbbbbbbbbbba",
	"444444455555555555666666667777778888889999aaaaaaabbbbbbbbbbbbbb9",
	"44444555555555555556666666667777777788888999999aaaaaaaabbbbbbbb8",
}

// A code is what is written for one value.
type code struct {
	bits  uint16
	width uint8
}

// A found is what a reader makes of the next longest bits.
type found struct {
	value uint8
	width uint8
}

var (
	codes  = makeCodes()
	lookup = makeLookup()
)

// makeCodes numbers the codes of each context: shorter ones first, then by value.
func makeCodes() *[contexts][values]code {
	var out [contexts][values]code
	for c, row := range lengths {
		next := uint16(0)
		for width := uint8(1); width <= longest; width++ {
			for v := range row {
				if digit(row[v]) == width {
					out[c][v] = code{next, width}
					next++
				}
			}
			next <<= 1
		}
	}
	return &out
}

func digit(c byte) uint8 {
	if c >= 'a' {
		return c - 'a' + 10
	}
	return c - '0'
}

func makeLookup() *[contexts][1 << longest]found {
	var out [contexts][1 << longest]found
	for c := range codes {
		for v, k := range codes[c] {
			free := longest - k.width
			for i := range 1 << free {
				out[c][int(k.bits)<<free|i] = found{uint8(v), k.width}
			}
		}
	}
	return &out
}
