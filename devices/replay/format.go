package replay

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"
	"time"
	"unicode/utf8"

	"fieldkit/devices"
	"fieldkit/triage/vital"
)

// ErrRecording reports bytes that are no recording, or a damaged one.
var ErrRecording = errors.New("not a recording, or a damaged one")

// Kind says what a record holds.
type Kind byte

// The kinds of record.
const (
	Received Kind = 'R'
	Sent     Kind = 'S'
	Note     Kind = 'N'
	Setting  Kind = 'L'
)

const (
	magic     = "fkrec\x01\n"
	bytesMost = 1 << 16
	noteMost  = 1 << 12
	baudMost  = 1 << 24
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A Record is one thing that happened on a port.
type Record struct {
	Kind  Kind
	At    time.Duration // since the recording began
	Bytes []byte        // of Received, Sent and Note; valid until the next record is read
	Line  devices.Line  // of Setting
}

// A Writer writes a recording. It is safe for concurrent use. The first failure is
// kept; what comes after it is dropped, so that recording never stops a monitor.
type Writer struct {
	mu    sync.Mutex
	to    io.Writer
	last  vital.Instant
	begun bool
	buf   []byte
	err   error
}

// NewWriter begins a recording; its beginning has the wall time start.
func NewWriter(to io.Writer, start time.Time) (*Writer, error) {
	head := binary.LittleEndian.AppendUint64([]byte(magic), uint64(start.UnixMilli()))
	if _, err := to.Write(head); err != nil {
		return nil, fmt.Errorf("begin a recording: %w", err)
	}
	return &Writer{to: to}, nil
}

// Write adds a record of kind Received, Sent or Note at now. Long ones are split.
func (w *Writer) Write(now vital.Instant, kind Kind, b []byte) {
	most := bytesMost
	if kind == Note {
		most = noteMost
	}
	for len(b) > 0 {
		part := b[:min(len(b), most)]
		b = b[len(part):]
		w.add(now, kind, func(buf []byte) []byte {
			return append(binary.AppendUvarint(buf, uint64(len(part))), part...)
		})
	}
}

// Set adds a line setting.
func (w *Writer) Set(now vital.Instant, l devices.Line) {
	w.add(now, Setting, func(buf []byte) []byte {
		signals := byte(0)
		if l.RTS {
			signals |= 1
		}
		if l.DTR {
			signals |= 2
		}
		return append(binary.AppendUvarint(buf, uint64(l.Baud)), byte(l.DataBits), byte(l.Parity), byte(l.StopBits), signals)
	})
}

func (w *Writer) add(now vital.Instant, kind Kind, body func([]byte) []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.begun {
		w.begun, w.last = true, now
	}
	step := max(now.Sub(w.last), 0)
	w.last = max(now, w.last)
	w.buf = binary.AppendUvarint(append(w.buf[:0], byte(kind)), uint64(step))
	w.buf = body(w.buf)
	w.buf = binary.LittleEndian.AppendUint32(w.buf, crc32.Checksum(w.buf, castagnoli))
	if w.err != nil {
		return
	}
	if _, err := w.to.Write(w.buf); err != nil {
		w.err = fmt.Errorf("write a recording: %w", err)
	}
}

// Err is why the recording stopped, nil while it goes on.
func (w *Writer) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// A Reader reads a recording.
type Reader struct {
	Start time.Time // the wall time of its beginning
	from  *summing
	at    time.Duration
	buf   []byte
}

// summing counts the checksum of what is read through it.
type summing struct {
	r   *bufio.Reader
	sum uint32
	one [1]byte
}

func (s *summing) ReadByte() (byte, error) {
	c, err := s.r.ReadByte()
	if err == nil {
		s.one[0] = c
		s.sum = crc32.Update(s.sum, castagnoli, s.one[:])
	}
	return c, err
}

func (s *summing) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	s.sum = crc32.Update(s.sum, castagnoli, b[:n])
	return n, err
}

// NewReader reads the head of a recording.
func NewReader(r io.Reader) (*Reader, error) {
	buffered := bufio.NewReader(r)
	head := make([]byte, len(magic)+8)
	if _, err := io.ReadFull(buffered, head); err != nil || string(head[:len(magic)]) != magic {
		return nil, fmt.Errorf("open a recording: %w", ErrRecording)
	}
	return &Reader{
		Start: time.UnixMilli(int64(binary.LittleEndian.Uint64(head[len(magic):]))).UTC(),
		from:  &summing{r: buffered},
	}, nil
}

// Next is the next record: io.EOF at the end, io.ErrUnexpectedEOF where a
// recording was cut off, ErrRecording where it is damaged.
func (r *Reader) Next() (Record, error) {
	r.from.sum = 0
	kind, err := r.from.ReadByte()
	if err != nil {
		return Record{}, err // io.EOF: a whole recording
	}
	rec, err := r.record(Kind(kind))
	if err != nil {
		return Record{}, cut(err)
	}
	sum := r.from.sum
	var tail [4]byte
	if _, err := io.ReadFull(r.from.r, tail[:]); err != nil {
		return Record{}, cut(err)
	}
	if binary.LittleEndian.Uint32(tail[:]) != sum {
		return Record{}, fmt.Errorf("read a recording at %v: checksum: %w", r.at, ErrRecording)
	}
	return rec, nil
}

// cut turns the end of input inside a record into ErrUnexpectedEOF.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// recordingMost is longer than any recording: a year.
const recordingMost = 366 * 24 * time.Hour

func (r *Reader) record(kind Kind) (Record, error) {
	step, err := r.number(uint64(recordingMost))
	if err != nil {
		return Record{}, err
	}
	if r.at += time.Duration(step); r.at > recordingMost {
		return Record{}, fmt.Errorf("read a recording: longer than a year: %w", ErrRecording)
	}
	rec := Record{Kind: kind, At: r.at}
	switch kind {
	case Received, Sent, Note:
		most := uint64(bytesMost)
		if kind == Note {
			most = noteMost
		}
		n, err := r.number(most)
		if err != nil {
			return Record{}, err
		}
		if uint64(cap(r.buf)) < n {
			r.buf = make([]byte, n)
		}
		rec.Bytes = r.buf[:n]
		if _, err := io.ReadFull(r.from, rec.Bytes); err != nil {
			return Record{}, err
		}
		if kind == Note && !utf8.Valid(rec.Bytes) {
			return Record{}, fmt.Errorf("read a recording at %v: note is not text: %w", r.at, ErrRecording)
		}
	case Setting:
		return rec, r.setting(&rec.Line)
	default:
		return Record{}, fmt.Errorf("read a recording at %v: kind %q: %w", r.at, kind, ErrRecording)
	}
	return rec, nil
}

func (r *Reader) setting(l *devices.Line) error {
	baud, err := r.number(baudMost)
	if err != nil {
		return err
	}
	var b [4]byte
	if _, err := io.ReadFull(r.from, b[:]); err != nil {
		return err
	}
	*l = devices.Line{Baud: int(baud), DataBits: int(b[0]), Parity: devices.Parity(b[1]), StopBits: int(b[2]), RTS: b[3]&1 != 0, DTR: b[3]&2 != 0}
	if l.DataBits > 9 || l.StopBits > 2 || b[3] > 3 {
		return fmt.Errorf("read a recording at %v: line setting: %w", r.at, ErrRecording)
	}
	return nil
}

// number reads a uvarint of at most most.
func (r *Reader) number(most uint64) (uint64, error) {
	n, err := binary.ReadUvarint(r.from)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return 0, err
	case err != nil, n > most:
		return 0, fmt.Errorf("read a recording at %v: a number is too large: %w", r.at, ErrRecording)
	}
	return n, nil
}
