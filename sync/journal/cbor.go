package journal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"
)

// ErrEncoding reports bytes that are not the one deterministic encoding of what
// they say (RFC 8949, section 4.2.1, without floats, tags and undefined).
var ErrEncoding = errors.New("not deterministic CBOR")

// The major types of RFC 8949 that the record uses.
const (
	cborUint  = 0
	cborNeg   = 1
	cborBytes = 2
	cborText  = 3
	cborArray = 4
	cborMap   = 5
	cborOther = 7
)

const (
	cborFalse = 0xf4
	cborTrue  = 0xf5
	cborNull  = 0xf6
)

// maxDepth bounds nesting, and with it the stack that foreign bytes can use.
const maxDepth = 16

// appendHead appends the shortest form of a major type with its number.
func appendHead(b []byte, major byte, n uint64) []byte {
	m := major << 5
	switch {
	case n < 24:
		return append(b, m|byte(n))
	case n <= 0xff:
		return append(b, m|24, byte(n))
	case n <= 0xffff:
		return binary.BigEndian.AppendUint16(append(b, m|25), uint16(n))
	case n <= 0xffffffff:
		return binary.BigEndian.AppendUint32(append(b, m|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, m|27), n)
}

func appendUint(b []byte, n uint64) []byte { return appendHead(b, cborUint, n) }

func appendInt(b []byte, n int64) []byte {
	if n < 0 {
		return appendHead(b, cborNeg, uint64(-(n + 1)))
	}
	return appendHead(b, cborUint, uint64(n))
}

func appendBytes(b, v []byte) []byte { return append(appendHead(b, cborBytes, uint64(len(v))), v...) }

func appendText(b []byte, v string) []byte {
	return append(appendHead(b, cborText, uint64(len(v))), v...)
}

// A reader takes one deterministic item after another from b. The first mistake
// sticks in err, and every later read gives zero.
type reader struct {
	b   []byte
	at  int
	err error
}

func (r *reader) fail(format string, a ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("read byte %d: %w: "+format, append([]any{r.at, ErrEncoding}, a...)...)
	}
}

// head reads a major type and its number in shortest form. For cborOther the
// number is the simple value, and floats are refused.
func (r *reader) head() (major byte, n uint64) {
	if r.err != nil {
		return 0, 0
	}
	if r.at >= len(r.b) {
		r.fail("ends early")
		return 0, 0
	}
	first := r.b[r.at]
	major, low := first>>5, first&31
	if major == cborOther {
		if first != cborFalse && first != cborTrue && first != cborNull {
			r.fail("a float or unknown simple value")
			return 0, 0
		}
		r.at++
		return major, uint64(low)
	}
	if major == 6 {
		r.fail("a tag")
		return 0, 0
	}
	if low < 24 {
		r.at++
		return major, uint64(low)
	}
	if low > 27 {
		r.fail("an indefinite length")
		return 0, 0
	}
	size := 1 << (low - 24)
	if len(r.b)-r.at-1 < size {
		r.fail("ends early")
		return 0, 0
	}
	for _, c := range r.b[r.at+1 : r.at+1+size] {
		n = n<<8 | uint64(c)
	}
	if n < 24 || size > 1 && n>>(4*size) == 0 {
		r.fail("a number that is not in its shortest form")
		return 0, 0
	}
	r.at += 1 + size
	return major, n
}

// of reads the head of an item that must be of the major type given.
func (r *reader) of(major byte, what string) uint64 {
	start := r.at
	m, n := r.head()
	if r.err == nil && m != major {
		r.at = start
		r.fail("wanted %s", what)
		return 0
	}
	return n
}

// upTo reads an unsigned number that is at most limit.
func (r *reader) upTo(limit uint64) uint64 {
	n := r.of(cborUint, "a whole number")
	if r.err == nil && n > limit {
		r.fail("number over %d", limit)
		return 0
	}
	return n
}

// int reads a number between -(2^53-1) and 2^53-1.
func (r *reader) int() int64 {
	m, n := r.head()
	switch {
	case r.err != nil:
		return 0
	case m == cborUint && n <= MaxSeq:
		return int64(n)
	case m == cborNeg && n < MaxSeq:
		return -1 - int64(n)
	}
	r.fail("wanted a number within 53 bits")
	return 0
}

func (r *reader) take(n uint64) []byte {
	if r.err == nil && n > uint64(len(r.b)-r.at) {
		r.fail("ends early")
	}
	if r.err != nil {
		return nil
	}
	v := r.b[r.at : r.at+int(n)]
	r.at += int(n)
	return v
}

// fixed reads a byte string of exactly len(into) bytes.
func (r *reader) fixed(into []byte) {
	n := r.of(cborBytes, "a byte string")
	if r.err == nil && n != uint64(len(into)) {
		r.fail("wanted %d bytes, got %d", len(into), n)
		return
	}
	copy(into, r.take(n))
}

// text reads a text of at most limit bytes.
func (r *reader) text(limit uint64) string {
	n := r.of(cborText, "a text")
	if r.err == nil && n > limit {
		r.fail("text over %d bytes", limit)
		return ""
	}
	v := r.take(n)
	if !utf8.Valid(v) {
		r.fail("text is not UTF-8")
		return ""
	}
	return string(v)
}

// yes reads true; false is spelled by leaving the key out.
func (r *reader) yes() bool {
	if m, n := r.head(); r.err == nil && (m != cborOther || n != cborTrue&31) {
		r.fail("wanted true")
	}
	return r.err == nil
}

// count reads the length of an array or map and refuses one that cannot fit in
// the bytes that are left.
func (r *reader) count(major byte, what string) int {
	n := r.of(major, what)
	if r.err == nil && n > uint64(len(r.b)-r.at) {
		r.fail("%s longer than what follows", what)
		return 0
	}
	return int(n)
}

// end refuses anything after the last item.
func (r *reader) end() error {
	if r.err == nil && r.at != len(r.b) {
		r.fail("%d bytes too many", len(r.b)-r.at)
	}
	return r.err
}

// item reads one whole item of any shape and returns its bytes.
func (r *reader) item() []byte {
	start := r.at
	r.skip(maxDepth)
	if r.err != nil {
		return nil
	}
	return r.b[start:r.at]
}

func (r *reader) skip(depth int) {
	if depth == 0 {
		r.fail("nested too deep")
		return
	}
	m, n := r.head()
	switch m {
	case cborBytes:
		r.take(n)
	case cborText:
		if v := r.take(n); !utf8.Valid(v) {
			r.fail("text is not UTF-8")
		}
	case cborArray:
		if n > uint64(len(r.b)-r.at) {
			r.fail("array longer than what follows")
		}
		for i := uint64(0); i < n && r.err == nil; i++ {
			r.skip(depth - 1)
		}
	case cborMap:
		if n > uint64(len(r.b)-r.at) {
			r.fail("map longer than what follows")
		}
		var last []byte
		for i := uint64(0); i < n && r.err == nil; i++ {
			start := r.at
			r.skip(depth - 1)
			key := r.b[start:r.at]
			if i > 0 && bytes.Compare(last, key) >= 0 {
				r.fail("map keys out of order or twice")
			}
			last = key
			r.skip(depth - 1)
		}
	}
}

// keys reads a map whose keys are small whole numbers in rising order, and
// hands each to field, which reads the value. A key that field does not take
// is an error: in one version every key has one meaning.
func (r *reader) keys(field func(key uint64) (known bool)) {
	n := r.count(cborMap, "a map")
	last := int64(-1)
	for range n {
		key := r.of(cborUint, "a whole number as key")
		if r.err == nil && int64(key) <= last {
			r.fail("map keys out of order or twice")
		}
		if r.err != nil {
			return
		}
		last = int64(key)
		if !field(key) {
			r.fail("key %d is not known in this version", key)
			return
		}
	}
}
