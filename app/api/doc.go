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
// Proof of a session: of whoever opened the store with its passphrase, from
// [Station.Unlock], or of a person by PIN or badge, from [People.SignIn]. Every
// call that reads or writes a patient carries one.
//
// # By example
//
// Answers are JSON; an error is a [Fault] with a status of 4xx or 5xx. DIR is the
// data folder ('fieldkitd state' finds the socket by it), TOKEN what unlock gave.
//
//	s='--unix-socket DIR/station.sock' a='-H Authorization:\ Bearer\ TOKEN' h=http://station/v1
//	curl $s $h/state
//	curl $s -d '{"passphrase":"..."}' $h/unlock
//	curl $s $a $h/encounters
//	curl $s $a $h/encounters/ID/entries
//	curl $s $a -d '{"kind":"encounter-opened","content":{"setting":"ambulance"}}' $h/entries
//	curl $s $a -d '{"kind":"note","encounter":"ID","content":{"text":"found sitting"}}' $h/entries
//	curl $s $a -X POST $h/verify
//	curl $s $a -d '{"path":"/media/stick/backup"}' $h/backup
//	curl $s $a -d '{"old":"...","new":"..."}' $h/passphrase
//	curl $s $a -d '{"encounter":"ID","why":"asked for"}' $h/erase
//	curl $s $h/faces
//	curl $s -d '{"person":"mw","pin":"482915"}' $h/session
//	curl $s $a -X DELETE $h/session
//	curl $s $a $h/team
//	curl $s $a -d '{"device":"AMB-9","why":"stolen"}' $h/team/revoke
//	curl $s $a -d '{"path":"/media/stick/parcel"}' $h/parcel/out
//	curl $s $a -X POST $h/lock
//
// /v1/live is a WebSocket of binary messages, each one frame of telemetry/wave.
package api
