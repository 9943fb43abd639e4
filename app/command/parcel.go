package command

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"fieldkit/app/api"
)

func (s *session) parcelCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "parcel",
		Short: "Carry the record on a USB stick where no network reaches",
		Long: `Carry the record on a USB stick, or any other carrier, where no network reaches. A
parcel is sealed: whoever finds the stick learns its size and nothing else.`,
	}
	c.AddCommand(s.parcelOutCommand(), s.parcelInCommand())
	return c
}

func (s *session) parcelOutCommand() *cobra.Command {
	p := api.Parcel{}
	c := &cobra.Command{
		Use:   "out FILE",
		Short: "Write the record into a sealed file for the team, or for one station",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) (err error) {
			if p.Path, err = filepath.Abs(args[0]); err != nil {
				return fmt.Errorf("find the file: %w", err)
			}
			st, token, done, err := s.team(c.Context())
			if err != nil {
				return err
			}
			defer done()
			packed, err := st.ParcelOut(api.WithTeam(c.Context(), s.inTeam), token, p)
			if err != nil {
				return err
			}
			return s.print(packed, func(w io.Writer) {
				fmt.Fprintf(w, "%d entries in %s (%d kB), for %d other stations. It is whole: eject the carrier before you pull it.\n", packed.Entries, p.Path, (packed.Bytes+999)/1000, packed.For)
				if packed.Left > 0 {
					fmt.Fprintf(w, "%d stations that receive only part of the record cannot open it: make theirs with --to.\n", packed.Left)
				}
			})
		},
	}
	c.Flags().StringVar(&p.To, "to", "", "only for this `station`: its call sign or key")
	c.Flags().StringVar(&s.inTeam, "team", "", "whose record, where the station belongs to several teams: the team's `name` (the home team)")
	c.Flags().BoolVar(&p.Stream, "stream", false, "every second's waveforms too: many times larger")
	return c
}

func (s *session) parcelInCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "in FILE",
		Short: "Bring in what a sealed file holds",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			path, err := filepath.Abs(args[0])
			if err != nil {
				return fmt.Errorf("find the file: %w", err)
			}
			st, token, done, err := s.team(c.Context())
			if err != nil {
				return err
			}
			defer done()
			got, err := st.ParcelIn(c.Context(), token, path)
			if err != nil {
				return err
			}
			return s.print(got, func(w io.Writer) {
				fmt.Fprintf(w, "From %s, made %s: %s.\n", got.From, clock(got.Made), got.Says)
			})
		},
	}
}
