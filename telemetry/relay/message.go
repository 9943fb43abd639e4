package relay

import (
	"bufio"
	"crypto/ed25519"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"time"

	"fieldkit/telemetry/link"
)

// Protocol is the ALPN name of a hospital's connections to its relay.
const Protocol = "fieldkit-relay/1"

// What relay and hospital say, one JSON object a line. A hospital's connection
// begins with its Key and Signature, or with the Token of a call.
type message struct {
	Key       ed25519.PublicKey `json:"key,omitempty"`
	Signature []byte            `json:"signature,omitempty"`
	Token     []byte            `json:"token,omitempty"`

	Welcome bool             `json:"welcome,omitempty"`
	Refused string           `json:"refused,omitempty"`
	Media   []link.ICEServer `json:"media,omitempty"` // with the welcome and every now and then
	Call    []byte           `json:"call,omitempty"`  // somebody has come: the token
	From    string           `json:"from,omitempty"`  // where from, host:port
	Ping    bool             `json:"ping,omitempty"`  // the hospital answers with the same
}

// lineMost is the longest line in bytes.
const lineMost = 8 << 10

// Times of a standing connection.
const (
	pingEvery   = 5 * time.Second
	silentMost  = 15 * time.Second // without a line it is given up
	writeWithin = 5 * time.Second
)

// bindingLabel separates our use of a TLS connection's secret from any other.
const bindingLabel = "EXPORTER-fieldkit-relay"

// Registration is what a hospital's key signs for the TLS connection that is named
// by binding, 32 bytes.
func Registration(binding []byte) []byte {
	return append([]byte("fieldkit relay registration 1\x00"), binding...)
}

// BindingSize is a binding's length in bytes.
const BindingSize = 32

func bindingOf(conn *tls.Conn) ([]byte, error) {
	state := conn.ConnectionState()
	b, err := state.ExportKeyingMaterial(bindingLabel, nil, BindingSize)
	if err != nil {
		return nil, fmt.Errorf("name the connection: %w", err)
	}
	return b, nil
}

// lines are the messages on a connection. One goroutine reads, one writes.
type lines struct {
	conn net.Conn
	in   *bufio.Reader
}

func newLines(conn net.Conn) *lines { return &lines{conn, bufio.NewReaderSize(conn, lineMost)} }

// read reads a line that comes within limit.
func (l *lines) read(limit time.Duration) (m message, err error) {
	if err := l.conn.SetReadDeadline(time.Now().Add(limit)); err != nil {
		return m, err
	}
	line, err := l.in.ReadSlice('\n')
	if err != nil {
		if errors.Is(err, bufio.ErrBufferFull) {
			err = errors.New("a line is too long")
		}
		return m, err
	}
	if err := json.Unmarshal(line, &m); err != nil {
		return m, errors.New("a line is not understood")
	}
	return m, nil
}

func (l *lines) write(m message) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if err := l.conn.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return err
	}
	_, err = l.conn.Write(append(b, '\n'))
	return err
}

// rest is the connection after its lines, without a deadline.
func (l *lines) rest() net.Conn {
	_ = l.conn.SetDeadline(time.Time{}) // a closed one fails at the next read
	ahead, _ := l.in.Peek(l.in.Buffered())
	return &rest{l.conn.(*tls.Conn), ahead}
}

// rest reads first what was read ahead.
type rest struct {
	*tls.Conn
	ahead []byte
}

func (r *rest) Read(b []byte) (int, error) {
	if len(r.ahead) > 0 {
		n := copy(b, r.ahead)
		r.ahead = r.ahead[n:]
		return n, nil
	}
	return r.Conn.Read(b)
}
