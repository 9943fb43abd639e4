package kit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"fieldkit/app/store"
	"fieldkit/devices"
)

// choices remembers which driver a port's adapter spoke, in the store. Before the
// store is open nothing is remembered.
type choices struct {
	kit *Kit
	mu  sync.Mutex // one change at a time
}

func (c *choices) all() map[string]devices.Choice {
	known := map[string]devices.Choice{}
	if b, err := c.kit.store.Kept(context.Background(), keptPorts); err == nil {
		if err := json.Unmarshal(b, &known); err != nil {
			c.kit.log.Warn("the remembered ports cannot be read and are looked for again", "reason", err)
		}
	}
	return known
}

// Choice implements devices.Choices.
func (c *choices) Choice(identity string) (devices.Choice, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	choice, ok := c.all()[identity]
	if slices.ContainsFunc(c.kit.settings.ListenOnly, func(port string) bool { return "port:"+port == identity || port == identity }) {
		choice.ListenOnly, ok = true, true
	}
	return choice, ok
}

// Keep implements devices.Choices. A locked store keeps nothing, which is no
// error: the monitor is found again.
func (c *choices) Keep(identity string, choice devices.Choice) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := c.all()
	known[identity] = choice
	b, err := json.Marshal(known)
	if err != nil {
		return fmt.Errorf("remember the port: %w", err)
	}
	err = c.kit.store.Keep(context.Background(), keptPorts, b)
	if errors.Is(err, store.ErrLocked) {
		return nil
	}
	return err
}
