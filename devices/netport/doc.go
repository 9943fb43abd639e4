// Package netport opens monitors on a network: those at addresses named by hand,
// over TCP or UDP, those that announce themselves over UDP, and those that connect
// to us over TCP. It knows no monitor's messages: how to read an announcement, or
// who has connected, is handed in as a function. It checks nobody's word: whoever
// is on the network can say to be a monitor, so the network must be the crew's own.
//
// What cannot be listened on is listed as a port of its own, whose opening fails
// with the reason and what to do: it takes nothing from the other ports.
//
// # Dialled
//
// Monitors whose address a person gave: "tcp:host:port", a serial server or a
// monitor that waits for a connection, and "udp:host:port".
//
// # Announced
//
// Monitors that broadcast who and where they are. They are known by what they say
// of themselves, such as a network card's number, and not by their address, which
// a network may change.
//
// # Accepted
//
// Monitors that connect to us. They are known by their address and by what they
// call themselves in their first message; a later connection of the same monitor
// takes the place of the former, which is what a power cut leaves behind.
package netport
