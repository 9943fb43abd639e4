package gateway

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"
)

// Challenges make each signed offer good once. They are not stored when given
// out, so that asking for many costs nothing; they carry their own seal. A used
// one is remembered until it would have expired. Time is the gateway's monotonic
// clock: wrong wall clocks at either end do not matter.
const (
	challengeSize = 8 + 16 + 16
	challengeFor  = 2 * time.Minute
	usedAtMost    = 20000
)

type challenges struct {
	key   [32]byte
	began time.Time

	mu    sync.Mutex
	used  map[[16]byte]time.Duration
	swept time.Duration
}

func newChallenges(key [32]byte) *challenges {
	return &challenges{key: key, began: time.Now(), used: map[[16]byte]time.Duration{}}
}

// give makes a challenge.
func (c *challenges) give() []byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, challengeSize), uint64(time.Since(c.began)))
	var fresh [16]byte
	rand.Read(fresh[:])
	b = append(b, fresh[:]...)
	return append(b, c.seal(b)...)
}

func (c *challenges) seal(b []byte) []byte {
	mac := hmac.New(sha256.New, c.key[:])
	mac.Write(b)
	return mac.Sum(nil)[:16]
}

// good says that b is one of ours, still fresh and not used.
func (c *challenges) good(b []byte) bool {
	if len(b) != challengeSize || !hmac.Equal(c.seal(b[:24]), b[24:]) {
		return false
	}
	if time.Since(c.began)-time.Duration(binary.BigEndian.Uint64(b)) > challengeFor {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_, used := c.used[[16]byte(b[8:24])]
	return !used
}

// use marks b as used; false when it was used already or too many are remembered.
func (c *challenges) use(b []byte) bool {
	if !c.good(b) {
		return false
	}
	now := time.Since(c.began)
	c.mu.Lock()
	defer c.mu.Unlock()
	if now-c.swept > challengeFor {
		c.swept = now
		for k, at := range c.used {
			if now-at > challengeFor {
				delete(c.used, k)
			}
		}
	}
	id := [16]byte(b[8:24])
	if _, used := c.used[id]; used || len(c.used) >= usedAtMost {
		return false
	}
	c.used[id] = now
	return true
}
