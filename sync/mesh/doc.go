// Package mesh finds the team's other stations and keeps the exchange connected
// to them. Serf says who is near and, in a signed tag, a digest of what each
// holds; nothing in gossip is ever trusted as data. This is the only importer of
// hashicorp/serf, memberlist and mdns.
//
// # Member
//
// A node of the gossip whose tag is signed by a key on the roster, for this
// node name and address. Nodes without one are left alone, not refused: a stock
// serf agent that was given the gossip key can join and is ignored.
//
// # What goes wrong with Serf, and what is done
//
// Each start takes a fresh node name, so that a tablet back with a new address
// need not wait for its old self to be given up. Name conflicts are not voted on:
// a vote would shut a tablet's Serf down. Serf forgets peers after a day, so the
// mesh keeps its own list and joins it for ever. Serf is started anew when the
// address changes, after a sleep, and when the gossip key changes.
package mesh
