// Package api is the station's one local API: HTTP with JSON, and a WebSocket of
// live frames, over a socket that only its owner may open. The window, the
// command line and every other face on this machine use it; the client here has
// the same methods as the server's [Station].
//
// It holds no record and no rule: it carries.
//
// # State
//
// What anyone at the machine may see without signing in: versions, ports, peers,
// the link, and whether the store is open.
//
// # Token
//
// Proof of a person's session, from [Station.Unlock] or [Station.SignIn]. Every
// call that reads or writes a patient carries one.
//
//	curl --unix-socket DIR/station.sock http://station/v1/state
//	curl --unix-socket DIR/station.sock -d '{"passphrase":"..."}' http://station/v1/unlock
//	curl --unix-socket DIR/station.sock -H 'Authorization: Bearer TOKEN' http://station/v1/encounters
package api
