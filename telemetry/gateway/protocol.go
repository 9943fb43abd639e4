package gateway

import (
	"encoding/json"

	"fieldkit/triage/chart"
)

// protocolVersion is the page's WebSocket protocol, see PROTOCOL.md.
const protocolVersion = 1

// What the gateway says, as JSON text.
type (
	helloMessage struct {
		Type     string `json:"type"` // "hello", first
		Protocol int    `json:"protocol"`
		Now      int64  `json:"now"` // gateway time, ms since 1970
		Person   string `json:"person"`
		Role     string `json:"role"`
	}
	tileMessage struct {
		Type      string   `json:"type"` // "tile": this page may watch it
		Tile      uint32   `json:"tile"`
		Vehicle   string   `json:"vehicle"` // device, 64 hex digits
		Encounter chart.ID `json:"encounter"`
		CallSign  string   `json:"callSign"` // as the vehicle says
		Enrolled  string   `json:"enrolled"` // as the roster says; shown beside when it differs
		Tag       string   `json:"tag"`
		Monitor   string   `json:"monitor"`
		Demo      bool     `json:"demo"`
	}
	linkMessage struct {
		Type     string  `json:"type"` // "link": once a second and at change, watched or not
		Tile     uint32  `json:"tile"`
		Words    string  `json:"words"`
		Live     bool    `json:"live"`
		Silent   bool    `json:"silent"` // for over 3 s: said over the whole tile
		SilentMS int64   `json:"silentMs"`
		Lane     string  `json:"lane"`
		Loss     float64 `json:"loss"`
		TripMS   int64   `json:"tripMs"`
		QueueMS  int64   `json:"queueMs"`
		OffsetMS int64   `json:"offsetMs"` // the vehicle's wall clock minus ours
		Base     int64   `json:"base"`     // gateway time = frame time + base, ms
		Now      int64   `json:"now"`
	}
	endMessage struct {
		Type string `json:"type"` // "end": clear the tile now
		Tile uint32 `json:"tile"`
		Why  string `json:"why"`
	}
	outsideMessage struct {
		Type    string `json:"type"` // "outside": whether vehicles outside reach this hospital's relay, at change
		Reached bool   `json:"reached"`
		Since   int64  `json:"since"` // ms since 1970
	}
	recordMessage struct {
		Type      string   `json:"type"` // "record": what the hospital holds of an encounter has changed
		Encounter chart.ID `json:"encounter"`
	}
	answerMessage struct {
		Type  string          `json:"type"` // "answer" to an act
		ID    uint32          `json:"id"`
		OK    bool            `json:"ok"` // it is in the record
		Error string          `json:"error,omitempty"`
		Body  json.RawMessage `json:"body,omitempty"`
	}
	timeMessage struct {
		Type string `json:"type"` // "time", the answer to "time"
		ID   uint32 `json:"id"`
		Now  int64  `json:"now"`
	}
)

// pageMessage is what the page says.
type pageMessage struct {
	Type      string          `json:"type"` // "watch", "unwatch", "act" or "time"
	Tile      uint32          `json:"tile"`
	ID        uint32          `json:"id"`
	Encounter chart.ID        `json:"encounter"`
	Kind      string          `json:"kind"`
	Body      json.RawMessage `json:"body"`
}
