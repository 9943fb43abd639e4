package exchange

import (
	"encoding/binary"
	"time"
)

// A writer appends the fields of one message.
type writer struct{ b []byte }

func (w *writer) byte(v byte)      { w.b = append(w.b, v) }
func (w *writer) uint(v uint64)    { w.b = binary.AppendUvarint(w.b, v) }
func (w *writer) raw(v []byte)     { w.b = append(w.b, v...) }
func (w *writer) bytes(v []byte)   { w.uint(uint64(len(v))); w.raw(v) }
func (w *writer) time(t time.Time) { w.b = binary.BigEndian.AppendUint64(w.b, uint64(t.UnixNano())) }

// A reader takes the fields of one message from the front. After the first field
// that does not fit it returns zeros; bad says so. It allocates nothing: what
// bytes returns lies in the message.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) fail() { r.b, r.bad = nil, true }

func (r *reader) byte() byte {
	if len(r.b) < 1 {
		r.fail()
		return 0
	}
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

// uint reads an unsigned LEB128 number in its shortest form.
func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || n > 1 && r.b[n-1] == 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) into(dst []byte) {
	if len(r.b) < len(dst) {
		r.fail()
		return
	}
	copy(dst, r.b)
	r.b = r.b[len(dst):]
}

// bytes reads a length and that many bytes, at most limit.
func (r *reader) bytes(limit int) []byte {
	n := r.uint()
	if n > uint64(limit) || n > uint64(len(r.b)) {
		r.fail()
		return nil
	}
	v := r.b[:n:n]
	r.b = r.b[n:]
	return v
}

// count reads how many items follow, each at least size bytes long, so that the
// claim is bounded by the bytes that are there.
func (r *reader) count(size int) int {
	n := r.uint()
	if n > uint64(len(r.b)/size) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *reader) time() time.Time {
	if len(r.b) < 8 {
		r.fail()
		return time.Time{}
	}
	v := int64(binary.BigEndian.Uint64(r.b))
	r.b = r.b[8:]
	return time.Unix(0, v)
}
