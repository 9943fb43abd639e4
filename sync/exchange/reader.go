package exchange

// A Reader is the view of a peer that may read only, such as a station on no roster:
// nothing that it says it holds is asked for, and nothing that it sends is taken.
type Reader interface{ Reads() bool }

// onlyReads reports whether the peer may write nothing here.
func (s *session) onlyReads() bool {
	r, ok := s.view.(Reader)
	return ok && r.Reads()
}
