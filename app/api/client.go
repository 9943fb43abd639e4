package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"

	"github.com/coder/websocket"

	"fieldkit/triage/chart"
)

// maxAnswer bounds what a client reads of one answer. An encounter of a day's
// entries is a few megabytes.
const maxAnswer = 256 << 20

// A Client is a station at the other end of its local socket.
type Client struct {
	http *http.Client
}

var _ Station = (*Client)(nil)

// ErrNoStation reports that no station runs on a data folder.
var ErrNoStation = errors.New("no station is running on this data folder")

// Dial connects to the station that runs on the data folder dir, or gives
// ErrNoStation.
func Dial(ctx context.Context, dir string) (*Client, error) {
	path := SocketPath(dir)
	dial := func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}
	conn, err := dial(ctx)
	if err != nil {
		return nil, fmt.Errorf("reach the station: %w", ErrNoStation)
	}
	conn.Close()
	return &Client{http: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
	}}}, nil
}

// State implements [Station].
func (c *Client) State(ctx context.Context) (State, error) {
	return call[State](ctx, c, http.MethodGet, "/v1/state", "", nil)
}

// Unlock implements [Station].
func (c *Client) Unlock(ctx context.Context, passphrase string) (Token, error) {
	a, err := call[tokenAnswer](ctx, c, http.MethodPost, "/v1/unlock", "", unlockRequest{passphrase})
	return a.Token, err
}

// Lock implements [Station].
func (c *Client) Lock(ctx context.Context, t Token) error {
	_, err := call[nothing](ctx, c, http.MethodPost, "/v1/lock", t, nothing{})
	return err
}

// SignOut implements [Station].
func (c *Client) SignOut(ctx context.Context, t Token) error {
	_, err := call[nothing](ctx, c, http.MethodDelete, "/v1/session", t, nil)
	return err
}

// Encounters implements [Station].
func (c *Client) Encounters(ctx context.Context, t Token) ([]chart.Row, error) {
	return call[[]chart.Row](ctx, c, http.MethodGet, "/v1/encounters", t, nil)
}

// Entries implements [Station].
func (c *Client) Entries(ctx context.Context, t Token, encounter chart.ID) ([]chart.Entry, error) {
	return call[[]chart.Entry](ctx, c, http.MethodGet, "/v1/encounters/"+encounter.String()+"/entries", t, nil)
}

// Record implements [Station].
func (c *Client) Record(ctx context.Context, t Token, d Draft) (Recorded, error) {
	return call[Recorded](ctx, c, http.MethodPost, "/v1/entries", t, d)
}

// Verify implements [Station].
func (c *Client) Verify(ctx context.Context, t Token) (Verified, error) {
	return call[Verified](ctx, c, http.MethodPost, "/v1/verify", t, nil)
}

// Backup implements [Station].
func (c *Client) Backup(ctx context.Context, t Token, path string) error {
	_, err := call[nothing](ctx, c, http.MethodPost, "/v1/backup", t, backupRequest{path})
	return err
}

// ChangePassphrase implements [Station].
func (c *Client) ChangePassphrase(ctx context.Context, t Token, old, fresh string) error {
	_, err := call[nothing](ctx, c, http.MethodPost, "/v1/passphrase", t, passphraseRequest{old, fresh})
	return err
}

// Erase implements [Station].
func (c *Client) Erase(ctx context.Context, t Token, encounter chart.ID, why string) (Erased, error) {
	return call[Erased](ctx, c, http.MethodPost, "/v1/erase", t, eraseRequest{encounter, why})
}

// Follow implements [Station].
func (c *Client) Follow(ctx context.Context, t Token, each func(frame []byte) error) error {
	header := http.Header{}
	if t != "" {
		header.Set("Authorization", "Bearer "+string(t))
	}
	ws, _, err := websocket.Dial(ctx, "http://station/v1/live", &websocket.DialOptions{HTTPClient: c.http, HTTPHeader: header})
	if err != nil {
		return fmt.Errorf("follow the live frames: %w", ErrNoStation)
	}
	defer ws.CloseNow()
	for {
		_, frame, err := ws.Read(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("follow the live frames: %w", err)
		}
		if err := each(frame); err != nil {
			return err
		}
	}
}

func call[Out any](ctx context.Context, c *Client, method, path string, t Token, in any) (out Out, err error) {
	answer, err := c.send(ctx, method, path, t, in, nil)
	if err != nil {
		return out, err
	}
	defer answer.Body.Close()
	return read[Out](answer)
}

// send asks the station. Who asked closes the answer's body.
func (c *Client) send(ctx context.Context, method, path string, t Token, in any, header http.Header) (*http.Response, error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("write the request: %w", err)
		}
		body = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://station"+path, body)
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	maps.Copy(r.Header, header)
	if t != "" {
		r.Header.Set("Authorization", "Bearer "+string(t))
	}
	if team := TeamIn(ctx); team != "" {
		r.Header.Set(teamHeader, url.QueryEscape(team))
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, fmt.Errorf("ask the station: %w", errors.Join(ErrNoStation, err))
	}
	return answer, nil
}

// read is what an answer holds.
func read[Out any](answer *http.Response) (out Out, err error) {
	d := json.NewDecoder(io.LimitReader(answer.Body, maxAnswer))
	if answer.StatusCode != http.StatusOK {
		fault := &Fault{}
		if err := d.Decode(fault); err != nil || fault.What == "" {
			return out, fmt.Errorf("ask the station: it answered %s", answer.Status)
		}
		return out, fault
	}
	if err := d.Decode(&out); err != nil {
		return out, fmt.Errorf("read the station's answer: %w", err)
	}
	return out, nil
}
