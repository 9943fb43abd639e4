package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"flag"
	"fmt"
	"math/big"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"sync"
	"time"

	"fieldkit/build/lab"
)

// childMark in the environment makes this program one end of a link.
const childMark = "FIELDKIT_BENCH_CHILD"

func main() {
	if os.Getenv(childMark) != "" {
		if err := runChild(); err != nil {
			fmt.Fprintln(os.Stderr, "live bench:", err)
			os.Exit(1)
		}
		return
	}
	long := flag.Bool("long", false, "ten seeds and a minute a cell")
	only := flag.String("cell", "", "only cells whose name holds this `text`")
	ward := flag.Bool("gateway", false, "what the gateway costs: 40 real links and 50 viewers of 8 tiles on two processors")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if *ward {
		if err := benchGateway(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "live bench:", err)
			os.Exit(1)
		}
		return
	}
	seeds, span := 2, 20*time.Second
	if *long {
		seeds, span = 10, time.Minute
	}
	if err := bench(ctx, seeds, span, *only); err != nil {
		fmt.Fprintln(os.Stderr, "live bench:", err)
		os.Exit(1)
	}
}

// A certificate is the gateway's, made for one run.
type certificate struct{ der, key []byte }

func newCertificate() (c certificate, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return c, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"hospital.example"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour)}
	if c.der, err = x509.CreateCertificate(rand.Reader, template, template, key.Public(), key); err != nil {
		return c, err
	}
	c.key, err = x509.MarshalPKCS8PrivateKey(key)
	return c, err
}

func bench(ctx context.Context, seeds int, span time.Duration, only string) error {
	if l, err := lab.New(1); err != nil {
		return err
	} else if err := l.Close(); err != nil {
		return err
	}
	cert, err := newCertificate()
	if err != nil {
		return fmt.Errorf("make a certificate: %w", err)
	}
	broker, err := findBroker(ctx)
	if err != nil {
		fmt.Printf("MQTT is left out: %v.\n", err)
	}
	ways := paths(broker)
	fmt.Printf("Live frames, ten a second, 100 ms there and back, %d seeds of %v a cell, from %v after connect. %d processors, load %s.\n",
		seeds, span, fromStart, runtime.NumCPU(), load())
	for _, c := range cells {
		if !strings.Contains(c.name, only) {
			continue
		}
		watch := newPunctuality()
		tallies := c.run(ctx, ways, seeds, span, cert)
		late, latest := watch.end()
		c.print(ways, tallies)
		fmt.Printf("  the machine woke late by %.1f ms at p99, %.1f ms at most\n", millis(late), millis(latest))
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// run tries every path with every seed side by side, each in namespaces of its own.
func (c cell) run(ctx context.Context, ways []path, seeds int, span time.Duration, cert certificate) []tally {
	tallies := make([]tally, len(ways))
	var mu sync.Mutex
	var work sync.WaitGroup
	for i, p := range ways {
		tallies[i].rungs = map[string]int{}
		for seed := range seeds {
			work.Go(func() {
				r, err := try(ctx, c, p, uint64(seed+1), span, cert)
				mu.Lock()
				defer mu.Unlock()
				t := &tallies[i]
				if err != nil { // not to connect is a result too
					t.skipped = strings.ReplaceAll(err.Error(), "\n", "; ")
					return
				}
				t.add(r.window, r.vehicle.Sent, r.arrived)
				t.live = append(t.live, r.vehicle.Live)
				t.bytes, t.spent = t.bytes+r.carried, t.spent+r.spent
				for rung, n := range r.vehicle.Rungs {
					t.rungs[rung] += n
				}
			})
		}
	}
	work.Wait()
	return tallies
}

// print is the cell's rows.
func (c cell) print(ways []path, tallies []tally) {
	fmt.Printf("\n%s (wanted of ours: %s; load %s)\n", c.name, c.wanted, load())
	fmt.Printf("  %-16s %7s %5s %9s %23s %8s %8s %7s %7s\n", "", "frames", "lost", "in 500 ms", "p50 / p95 / p99 ms", "max", "age p95", "still", "kbit/s")
	ours := &tallies[0]
	for i := range tallies {
		t := &tallies[i]
		if t.skipped != "" {
			fmt.Printf("  %-16s not run to its end: %s\n", ways[i].name, t.skipped)
			continue
		}
		fmt.Printf("  %-16s %7d %5d %7.2f %% %7d / %5d / %5d %8d %8d %7d %7.1f", ways[i].name, t.sent, t.lost(), t.share(),
			quantile(t.took, .5).Milliseconds(), quantile(t.took, .95).Milliseconds(), quantile(t.took, .99).Milliseconds(), quantile(t.took, 1).Milliseconds(),
			quantile(t.ages, .95).Milliseconds(), t.still.Milliseconds(), float64(t.bytes)*8/1000/t.spent.Seconds())
		if t != ours && ours.skipped == "" {
			fmt.Printf("   p99 %s, late or lost %s", t.slower(ours), times(t.sent-t.usable, ours.sent-ours.usable))
		}
		fmt.Println()
		if len(t.fresh) > 0 {
			fmt.Printf("  %-16s fresh after the outage in %v; p95 before %d ms, from 2 s after its end %d ms\n", "", rounded(t.fresh), quantile(t.before, .95).Milliseconds(), quantile(t.filling, .95).Milliseconds())
		}
		if c.fades {
			fmt.Printf("  %-16s its trace allows %.2f %% at best\n", "", t.ceiling())
		}
		if c.dialled {
			fmt.Printf("  %-16s live after %v\n", "", rounded(t.live))
		}
		if len(t.rungs) > 1 {
			fmt.Printf("  %-16s tenths on each rung %v; age at most %d ms\n", "", t.rungs, quantile(t.ages, 1).Milliseconds())
		}
	}
}

// slower is how this way's p99 stands to ours.
func (t *tally) slower(ours *tally) string {
	if t.lost() > t.sent/100 {
		return "never came"
	}
	return fmt.Sprintf("%.1f times ours", float64(quantile(t.took, .99))/float64(max(quantile(ours.took, .99), 1)))
}

// times is how often theirs holds ours.
func times(theirs, ours int) string {
	if ours == 0 {
		return fmt.Sprintf("%d to none", theirs)
	}
	return fmt.Sprintf("%.1f times", float64(theirs)/float64(ours))
}

func rounded(all []time.Duration) []time.Duration {
	out := make([]time.Duration, len(all))
	for i, d := range all {
		out[i] = d.Round(time.Millisecond)
	}
	return out
}
