package exchange

// A Refusal is why a contact was refused or broken off, in words for a person.
// Its numbers travel to the peer, so that both sides can say why.
type Refusal uint8

// The refusals. The numbers stand in the format.
const (
	Unknown     Refusal = 1  // the key is on no roster
	Revoked     Refusal = 2  // the key was withdrawn
	WrongTeam   Refusal = 3  // the peer speaks for another team
	WrongPeer   Refusal = 4  // somebody else answers at that address
	Replayed    Refusal = 5  // a hello that was not made for this connection
	TooOld      Refusal = 6  // no format version in common
	TooLarge    Refusal = 7  // a frame or message above the limit
	Malformed   Refusal = 8  // a message that does not decode
	Bomb        Refusal = 9  // a message that unpacks to more than its limit
	BadPiece    Refusal = 10 // entries whose chain or seal does not hold
	Implausible Refusal = 11 // claims no device could have written
	TooSlow     Refusal = 12 // nothing for a minute, or a frame below 2 kB/s
	TooMany     Refusal = 13 // too many connections or requests at once
	Superseded  Refusal = 14 // a newer connection to the same peer took over
	Leaving     Refusal = 15 // shut down, or a contact made anew
	NotTLS      Refusal = 16 // the handshake failed
	NotStored   Refusal = 17 // the receiver's disk
)

// sentences say each refusal as the side that refuses sees it, and as the side
// that is told.
var sentences = map[Refusal][2]string{
	Unknown:     {"the other tablet is not on the team's roster: an administrator can add it", "this tablet is not on the other's roster: an administrator must add it, or the other has not heard yet"},
	Revoked:     {"the other tablet was withdrawn from the team", "this tablet was withdrawn from the team: only an administrator can readmit it"},
	WrongTeam:   {"the other tablet belongs to another team", "the other tablet belongs to another team"},
	WrongPeer:   {"another tablet than expected answered at this address", "the other tablet expected somebody else"},
	Replayed:    {"the greeting was recorded from another connection and was not believed", "the other tablet did not believe this tablet's greeting: try again"},
	TooOld:      {"the two programs' versions are too far apart: update the older one", "the two programs' versions are too far apart: update the older one"},
	TooLarge:    {"the other tablet sent a message above the limit; nothing of it was kept", "the other tablet refused a message as too large"},
	Malformed:   {"the other tablet sent a message that cannot be read; nothing of it was kept", "the other tablet could not read a message"},
	Bomb:        {"the other tablet sent a message that unpacks to more than the limit; nothing of it was kept", "the other tablet refused a message that unpacks to too much"},
	BadPiece:    {"the other tablet sent entries whose signature or order does not hold; they were not kept", "the other tablet refused entries whose signature or order does not hold: check this tablet's record"},
	Implausible: {"the other tablet claims more entries than a device can write; the claim was not believed", "the other tablet did not believe how many entries there are"},
	TooSlow:     {"the other tablet stopped answering", "this tablet answered too slowly; it is tried again by itself"},
	TooMany:     {"too many connections or requests at once; the rest wait", "the other tablet is busy; it is tried again by itself"},
	Superseded:  {"a newer connection to the same tablet took over", "a newer connection to the same tablet took over"},
	Leaving:     {"this tablet ends the contact", "the other tablet ended the contact"},
	NotTLS:      {"the secure connection could not be made", "the secure connection could not be made"},
	NotStored:   {"what the other tablet sent could not be stored: free some space on this tablet", "the other tablet could not store what was sent"},
}

// Error returns the sentence.
func (r Refusal) Error() string { return r.say(0) }

func (r Refusal) say(side int) string {
	if s, ok := sentences[r]; ok {
		return s[side]
	}
	return "the contact ended for a reason this program does not know"
}

// A because is a refusal and what led to it. Its words are put together when they
// are asked for: an error made as the program starts would find no sentences yet.
type because struct {
	why string
	Refusal
}

func (b because) Error() string { return b.why + ": " + b.Refusal.Error() }
func (b because) Unwrap() error { return b.Refusal }

// Told is a refusal that the peer sent.
type Told Refusal

// Error returns the sentence for the side that was refused.
func (t Told) Error() string { return Refusal(t).say(1) }
