// Package setup is the first start: the pages on which a person makes this tablet a
// station, one question each, and the page of a window that failed too often. Nothing
// here opens a store; what is asked is handed to a [Maker]. Words are typed only where
// nothing else will do: call sign, site, passphrase and the team's name.
//
// # Made and kept
//
// A station is first made aside. What is shown once, a team's recovery words or the
// six words of an invitation, is shown then; only when a person has held that they have
// it is the station put in place. Whatever breaks off before leaves nothing.
package setup
