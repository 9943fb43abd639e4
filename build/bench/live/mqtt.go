package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

// The second peer: MQTT 3.1.1 at QoS 1 through mosquitto, which stands at the
// hospital. The vehicle publishes, keeps what is not acknowledged and sends it again
// after it dialled anew; the hospital's page is a subscriber beside the broker.
const (
	topic     = "live"
	keepAlive = 2 * time.Second        // a vehicle that hears nothing asks, so that silence is the link's
	redial    = 250 * time.Millisecond // at most, after a link broke
)

// findBroker is where mosquitto is. It installs Debian's package when it is not here
// and this is a Debian.
func findBroker(ctx context.Context) (string, error) {
	find := func() (string, error) {
		if at, err := exec.LookPath("mosquitto"); err == nil {
			return at, nil
		}
		return exec.LookPath("/usr/sbin/mosquitto")
	}
	if at, err := find(); err == nil {
		return at, nil
	}
	apt, err := exec.LookPath("apt-get")
	if err != nil {
		return "", errors.New("mosquitto is not here, nor apt-get to install it")
	}
	fmt.Println("Missing, and installed now with apt-get: mosquitto")
	cmd := exec.CommandContext(ctx, apt, "install", "-y", "--no-install-recommends", "mosquitto")
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("mosquitto is not here, and apt-get install mosquitto did not work: %w", err)
	}
	return find()
}

// runBroker is the peer's hospital: mosquitto, and a subscriber that decodes.
func runBroker(ctx context.Context, o order, n *notes) (err error) {
	dir, err := os.MkdirTemp("", "fieldkit-bench-mqtt-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	_, port, err := net.SplitHostPort(o.Address)
	if err != nil {
		return fmt.Errorf("read the address: %w", err)
	}
	// Nothing on disk, nothing dropped, no packet held back to fill one.
	settings := fmt.Sprintf("listener %s\nallow_anonymous true\nuser root\npersistence false\nset_tcp_nodelay true\nmax_inflight_messages 0\nmax_queued_messages 0\nlog_type none\n", port)
	file := filepath.Join(dir, "mosquitto.conf")
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		return err
	}
	broker := exec.Command(o.Broker, "-c", file)
	said := new(bytes.Buffer) // read after Wait alone
	broker.Stderr = said
	if err := broker.Start(); err != nil {
		return fmt.Errorf("start mosquitto: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- broker.Wait() }()
	defer func() {
		_ = broker.Process.Kill()
		<-ended
	}()

	r := &reader{got: n.arrived}
	page := mqtt.NewClient(settled(mqtt.NewClientOptions().AddBroker("tcp://127.0.0.1:"+port).SetClientID("page"), &net.Dialer{}))
	connecting := page.Connect() // tries until the broker listens
	select {
	case err := <-ended:
		ended <- err
		return fmt.Errorf("mosquitto ended: %w: %s", err, bytes.TrimSpace(said.Bytes()))
	case <-connecting.Done():
	}
	if err := connecting.Error(); err != nil {
		return fmt.Errorf("connect the page: %w", err)
	}
	defer page.Disconnect(0)
	watching := page.Subscribe(topic, 1, func(_ mqtt.Client, m mqtt.Message) { // one at a time, in order
		if b := m.Payload(); len(b) > 8 {
			_ = r.read(b[8:]) // one that does not decode never counts as arrived
		}
	})
	if watching.Wait(); watching.Error() != nil {
		return fmt.Errorf("subscribe: %w", watching.Error())
	}
	say("ready")
	<-ctx.Done()
	return nil
}

// settled is what both clients have in common.
func settled(o *mqtt.ClientOptions, dialer *net.Dialer) *mqtt.ClientOptions {
	dialer.Timeout = silentMost
	return o.SetProtocolVersion(4).SetCleanSession(false).SetStore(mqtt.NewOrderedMemoryStore()).SetKeepAlive(keepAlive).
		SetPingTimeout(time.Minute). // watched breaks a silent link: any answer counts, not the ping's alone
		SetConnectTimeout(silentMost).SetConnectRetry(true).SetConnectRetryInterval(redial).
		SetAutoReconnect(true).SetMaxReconnectInterval(redial).SetDialer(dialer)
}

// A watched connection breaks when it was silent for too long, and the client dials
// anew. It asks after keepAlive of silence, so that a good link is never silent for
// long.
type watched struct{ net.Conn }

func (c watched) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(silentMost)); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

// runPublisher is the peer's vehicle.
func runPublisher(ctx context.Context, o order, n *notes) error {
	inner, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	defer work.Wait()
	defer stop()
	fault := make(chan error, 1)
	dialer := &net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		var failed error
		err := c.Control(func(fd uintptr) { failed = setCongestion(fd, o.Congestion) })
		if failed != nil {
			select {
			case fault <- fmt.Errorf("%w: %w", errCongestion, failed):
			default:
			}
		}
		return errors.Join(err, failed)
	}}
	options := settled(mqtt.NewClientOptions().AddBroker("tcp://"+o.Address).SetClientID("vehicle"), dialer)
	options.SetCustomOpenConnectionFn(func(*url.URL, mqtt.ClientOptions) (net.Conn, error) {
		conn, err := dialer.DialContext(inner, "tcp4", o.Address)
		return watched{conn}, err
	})
	began := time.Now()
	vehicle := mqtt.NewClient(options)
	connecting := vehicle.Connect()
	select {
	case <-connecting.Done():
	case err := <-fault:
		return err
	case <-ctx.Done():
		return errors.New("never live")
	}
	if err := connecting.Error(); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	n.Live = time.Since(began)
	say("live")

	// The client may block while it dials; frames are made on time all the same.
	waiting := make(chan []byte, o.Frames)
	work.Go(func() {
		for {
			select {
			case <-inner.Done():
				return
			case b := <-waiting:
				_ = vehicle.Publish(topic, 1, false, b) // kept by the client until it is acknowledged
			}
		}
	})
	p := patient{binding: binding()}
	err := tick(ctx, o.Frames, func(i int) error {
		b, err := p.frame(i, 0)
		if err != nil {
			return err
		}
		n.sent(uint64(i), len(b))
		waiting <- append(binary.BigEndian.AppendUint64(nil, uint64(i)), b...)
		return nil
	})
	<-ctx.Done()
	vehicle.Disconnect(0)
	return err
}
