package link

import (
	"fmt"
	"time"
)

// A Phase is what a link is doing.
type Phase uint8

// The phases.
const (
	Connecting Phase = 0 // no way yet
	Live       Phase = 1 // heard within a second
	Silent     Phase = 2 // was live; nothing heard for a second or more
	Ended      Phase = 3
)

// A State is one end's view of the link, for a screen. Numbers are zero while
// not known.
type State struct {
	Phase   Phase
	Silent  time.Duration // since the other end was last heard
	Lane    Lane
	Loss    float64       // 0..1 of the frames' way, over two seconds
	Trip    time.Duration // round trip
	Queue   time.Duration // extra delay against the path's best
	Offset  time.Duration // the other end's wall clock minus ours; good to half a round trip
	Rung    Rung          // what the link can carry
	Missed  uint64        // frames given up to the journal
	Problem string        // why there is no way, for a person; empty when there is
}

// String is s in words, for a person.
func (s State) String() string {
	switch s.Phase {
	case Live:
		if s.Rung != Everything {
			return fmt.Sprintf("live over %v, %v", s.Lane, s.Rung)
		}
		return fmt.Sprintf("live over %v", s.Lane)
	case Silent:
		return fmt.Sprintf("silent %d s", int(s.Silent.Seconds()))
	case Ended:
		return "ended"
	}
	if s.Problem != "" {
		return "connecting: " + s.Problem
	}
	return "connecting"
}
