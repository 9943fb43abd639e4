package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"fieldkit/telemetry/wave"
	"fieldkit/triage/chart"
	"fieldkit/triage/vital"
)

// liveRow is what `live` prints of a frame that says something new.
type liveRow struct {
	At        time.Time    `json:"at"`
	Encounter chart.ID     `json:"encounter"`
	Tag       string       `json:"tag"`
	Numerics  []liveNumber `json:"numerics"`
	Alarms    []string     `json:"alarms,omitempty"`
	Ended     bool         `json:"ended,omitempty"`
}

type liveNumber struct {
	Sign  vital.Sign     `json:"sign"`
	Raw   string         `json:"raw,omitempty"` // the monitor's own name of an unknown sign
	Value *vital.Decimal `json:"value,omitempty"`
	Unit  vital.Unit     `json:"unit,omitempty"`
	State vital.State    `json:"state"`
	AgeMS int64          `json:"age_ms"`
}

func (s *session) liveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "live",
		Short: "Follow the live numbers of the running station",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			client, token, err := s.signIn(c.Context())
			if err != nil {
				return err
			}
			defer client.SignOut(context.WithoutCancel(c.Context()), token)
			decoder := wave.Decoder{Streams: wave.MaxStreams} // of all patients
			var f wave.Frame
			err = client.Follow(c.Context(), token, func(b []byte) error {
				switch err := decoder.Decode(b, &f); {
				case errors.Is(err, wave.ErrNotDescribed):
					return nil // its description comes within a second
				case err != nil:
					return fmt.Errorf("read a live frame: %w", err)
				}
				if !f.Full && !f.AlarmsTold && !f.Ended {
					return nil
				}
				row := rowOf(&f)
				return s.print(row, func(w io.Writer) { describeRow(w, row) })
			})
			if c.Context().Err() != nil {
				return nil
			}
			return err
		},
	}
}

func rowOf(f *wave.Frame) liveRow {
	row := liveRow{At: f.Wall, Encounter: chart.ID(f.Binding.Encounter), Tag: f.Binding.Tag, Ended: f.Ended}
	for _, r := range f.Numerics {
		n := liveNumber{Sign: r.Sign, Raw: r.Raw, State: r.State(), AgeMS: f.Time.Sub(r.Arrived).Milliseconds()}
		if v, ok := r.Value(); ok {
			n.Value, n.Unit = &v, r.Unit
		}
		row.Numerics = append(row.Numerics, n)
	}
	for _, a := range f.Alarms {
		row.Alarms = append(row.Alarms, a.Text)
	}
	return row
}

func describeRow(w io.Writer, row liveRow) {
	var parts []string
	for _, n := range row.Numerics {
		what := n.State.String()
		if n.Value != nil {
			what = n.Value.RoundTo(n.Sign.PlacesIn(n.Unit)).String() + " " + n.Unit.Label()
		}
		label := n.Raw
		if n.Sign != vital.Unknown {
			label = n.Sign.Info().Label
		}
		parts = append(parts, label+" "+strings.TrimSpace(what))
	}
	line := strings.Join(parts, "   ")
	if len(row.Alarms) > 0 {
		line += "   ! " + strings.Join(row.Alarms, ", ")
	}
	if row.Ended {
		line = "ended"
	}
	fmt.Fprintf(w, "%s  %-14s %s\n", row.At.Local().Format("15:04:05"), row.Tag, line)
}
