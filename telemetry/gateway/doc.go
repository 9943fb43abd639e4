// Package gateway is the hospital's side of live vitals: it takes vehicles in over
// HTTPS, shows their frames to the pages that may see them, and sends back what
// the emergency room answers. It lives in the `live` process: it holds no record,
// no account and no key; a [Roster] and a [Desk] in the recorder decide who may
// send, what may be shown here, who may watch, and write the audit. It never
// changes, repairs or orders a frame, and patient data never reaches its log,
// metrics or errors.
//
// # Vehicle
//
// A station that sends, let in by its device's signature over a challenge that is
// good once (package link says how).
//
// # Tile
//
// One binding as pages see it: one patient on one monitor of one station since its
// start. Nothing of it is shown before the recorder said that it is bound for this
// hospital; it is over, and cleared at every page at once, when the vehicle ends
// it, another binding takes its place, or the recorder says so. A tile's handle is
// never used again.
//
// # Viewer
//
// One open page, signed in. Each has a queue of fixed length; a page that falls
// behind is dropped, with the reason counted, and holds up nobody.
//
// PROTOCOL.md is what a page is written from.
package gateway
