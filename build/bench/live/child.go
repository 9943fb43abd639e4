package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// An order is what a child is told on its first line of input. It works until its
// input ends, and then prints its report.
type order struct {
	Role        string // one of roles
	Address     string // the hospital's, host:port
	Congestion  string // TCP's, for the peers
	Broker      string // where mosquitto is
	Certificate []byte // the gateway's, DER
	Key         []byte // its private key, PKCS #8; the gateway alone gets it
	Frames      int    // how many tenths the vehicle sends
}

// A report is what a child saw, by the machine's clock, in ns since 1970.
type report struct {
	Live    time.Duration    // from start to connected; the vehicle
	Sent    map[uint64]int64 // by frame
	Arrived map[uint64]int64 // first time decoded, by frame
	Bytes   int              // of frames sent
	Rungs   map[string]int   // tenths on each rung
}

var roles = map[string]func(context.Context, order, *notes) error{
	"gateway": runGateway, "vehicle": runVehicle, "socket-server": runSocketServer, "socket-client": runSocketClient,
	"mqtt-broker": runBroker, "mqtt-publisher": runPublisher, "ward": runWard,
}

// notes are a child's report in the making.
type notes struct {
	mu sync.Mutex
	report
}

func (n *notes) sent(seq uint64, size int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.Sent[seq] = time.Now().UnixNano()
	n.Bytes += size
}

func (n *notes) arrived(seq uint64) {
	now := time.Now().UnixNano()
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, again := n.Arrived[seq]; !again {
		n.Arrived[seq] = now
	}
}

// say tells the parent that the child is ready or connected.
func say(word string) { fmt.Println(word) }

// runChild is a child's main.
func runChild() error {
	in := bufio.NewReader(os.Stdin)
	line, err := in.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	var o order
	if err := json.Unmarshal(line, &o); err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	run := roles[o.Role]
	if run == nil {
		return fmt.Errorf("there is no role %q", o.Role)
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() { // ends with the process
		io.Copy(io.Discard, in)
		stop()
	}()
	n := &notes{report: report{Sent: map[uint64]int64{}, Arrived: map[uint64]int64{}, Rungs: map[string]int{}}}
	if err := run(ctx, o, n); err != nil {
		return fmt.Errorf("%s: %w", o.Role, err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return json.NewEncoder(os.Stdout).Encode(n.report)
}

// tick calls each once a tenth, n times, until ctx ends. A late one is not made up
// for by a hurried one.
func tick(ctx context.Context, n int, each func(i int) error) error {
	ticker := time.NewTicker(tenth)
	defer ticker.Stop()
	for i := 1; i <= n; i++ {
		if err := each(i); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
	return nil
}
