package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

//go:embed pouch.js
var pouchScript []byte

// A pouch is the peer's program in a temporary folder.
type pouch struct{ dir, node string }

// newPouch installs the peer, or says why it is not there.
func newPouch(ctx context.Context, dir string) (*pouch, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, errors.New("node is not here")
	}
	ctx, stop := context.WithTimeout(ctx, 4*time.Minute)
	defer stop()
	npm := exec.CommandContext(ctx, "npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "pouchdb@9", "express-pouchdb@4", "express@4")
	npm.Dir = dir
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"private":true}`), 0o600); err != nil {
		return nil, err
	}
	if _, err := npm.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("npm install: %w", err)
	}
	return &pouch{dir, node}, os.WriteFile(filepath.Join(dir, "pouch.js"), pouchScript, 0o600)
}

// start starts one side of the peer. It speaks as a station's child does.
func (p *pouch) start(o pouchOrder) (*child, error) {
	cmd := exec.Command(p.node, "pouch.js")
	cmd.Dir = p.dir
	c, err := start(cmd)
	if err != nil {
		return nil, err
	}
	return c, json.NewEncoder(c.in).Encode(o)
}

// A pouchOrder is an order with the peer's batch size, and whether LevelDB is to sync
// each write as our store does; by itself PouchDB does not ask it to.
type pouchOrder struct {
	order
	Sync                    bool
	Batch, Singles, Between int // Between in ms
}
