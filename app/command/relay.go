package command

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"fieldkit/telemetry/link"
	"fieldkit/telemetry/relay"
)

// relaySettings is how a relay is started.
type relaySettings struct {
	listen, public, health, list string
	hospitals                    []string
}

func (s *session) relayCommand() *cobra.Command {
	var settings relaySettings
	c := &cobra.Command{
		Use:   "relay",
		Short: "Run a relay for hospitals that can only dial out",
		Long: `Run a relay on a public host until Ctrl-C. A hospital started with --relay keeps a
connection to it; vehicles and browsers use the relay's address as the hospital's.
Their TLS is passed on unread and ends in the hospital: a relay has no record, no
account and no key, and passes on nothing but TLS for a hospital on its list.

A hospital is named by the 64 hex digits of its device ('fieldkitd state --json'
there: writer). With several hospitals each needs a name of its own, by which it is
dialled: --hospital DIGITS=er.example.

Live vitals go over UDP where both sides' networks let it pass: the relay lends a
hospital addresses of its own (TURN), on the UDP port of --listen and on those the
system gives out; let both in at the relay's firewall. Without UDP they go by 443.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return s.runRelay(c.Context(), settings) },
	}
	f := c.Flags()
	f.StringVar(&settings.listen, "listen", ":443", "`address` for hospitals, vehicles and browsers, TCP and UDP")
	f.StringArrayVar(&settings.hospitals, "hospital", nil, "a `hospital` that may be reached here: the hex digits of its device, with =NAME (may be given again)")
	f.StringVar(&settings.list, "hospitals", "", "`file` with one hospital a line; it is read again as it changes")
	f.StringVar(&settings.public, "public", "", "this host's public IP `address`, for UDP (default that of --listen; without one no UDP is relayed)")
	f.StringVar(&settings.health, "health", "", "`address` on which to answer /health and /metrics, such as 127.0.0.1:9443 (default none)")
	return c
}

// read is the list of hospitals as it is now.
func (r relaySettings) read() (list []relay.Hospital, err error) {
	if r.list != "" {
		file, err := os.Open(r.list)
		if err != nil {
			return nil, fmt.Errorf("open the list of hospitals: %w", err)
		}
		defer file.Close()
		if list, err = relay.ReadList(file); err != nil {
			return nil, err
		}
	}
	for _, text := range r.hospitals {
		h, err := relay.ParseHospital(text)
		if err != nil {
			return nil, err
		}
		list = append(list, h)
	}
	return list, relay.Check(list)
}

// address is the IP address that hospitals and vehicles reach, nil when nothing says it.
func (r relaySettings) address() (net.IP, error) {
	if r.public != "" {
		ip := net.ParseIP(r.public)
		if ip == nil || ip.IsUnspecified() {
			return nil, &usageError{fmt.Errorf("--public %q is not an IP address", r.public)}
		}
		return ip, nil
	}
	host, _, err := net.SplitHostPort(r.listen)
	if err != nil {
		return nil, &usageError{fmt.Errorf("--listen: %w", err)}
	}
	if ip := net.ParseIP(host); ip != nil && !ip.IsUnspecified() {
		return ip, nil
	}
	return nil, nil
}

func (s *session) runRelay(ctx context.Context, settings relaySettings) error {
	if settings.list == "" && len(settings.hospitals) == 0 {
		return &usageError{errors.New("name the hospitals that may be reached here: --hospital or --hospitals")}
	}
	if _, err := settings.read(); err != nil {
		return &usageError{err}
	}
	public, err := settings.address()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", settings.listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer listener.Close()
	conf := relay.Config{List: settings.read, Log: s.log()}
	if public != nil {
		media, err := relayMedia(listener.Addr(), public)
		if err != nil {
			return err
		}
		defer media.Close()
		conf.Media = media.Servers
	} else {
		s.log().Warn("no UDP is relayed, live vitals go by TCP: name this host's public address with --public")
	}
	r, err := relay.New(conf)
	if err != nil {
		return err
	}
	defer r.Close()
	var work sync.WaitGroup
	defer work.Wait()
	if settings.health != "" {
		health, err := net.Listen("tcp", settings.health)
		if err != nil {
			return fmt.Errorf("answer for health: %w", err)
		}
		server := &http.Server{Handler: r.Health(), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 8 << 10}
		defer server.Close()
		work.Go(func() { _ = server.Serve(health) }) // it ends with Close
	}
	defer context.AfterFunc(ctx, r.Close)()
	s.log().Info("the relay runs", "address", listener.Addr().String(), "udp", public != nil)
	return r.Serve(listener)
}

// relayMedia lends hospitals addresses for UDP, at the port that the relay listens on.
func relayMedia(at net.Addr, public net.IP) (*link.Relay, error) {
	tcp := at.(*net.TCPAddr)
	udp, err := net.ListenUDP("udp", &net.UDPAddr{IP: tcp.IP, Port: tcp.Port, Zone: tcp.Zone})
	if err != nil {
		return nil, fmt.Errorf("listen for UDP: %w", err)
	}
	media, err := link.NewRelay(link.RelayConfig{UDP: udp, Host: public.String(), Port: tcp.Port, Public: public, Anywhere: true})
	if err != nil {
		return nil, errors.Join(err, udp.Close())
	}
	return media, nil
}
