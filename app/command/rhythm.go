package command

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"fieldkit/triage/rhythm/trial"
)

func (s *session) rhythmCommand() *cobra.Command {
	var bench, out string
	var lead int
	c := &cobra.Command{
		Use:   "rhythm RECORD.hea",
		Short: "Find the beats and episodes of a WFDB record, or measure the detector",
		Long: `Prints the beats and episodes of one lead of a WFDB record, and with --out writes
them as an annotation file. With --bench it runs over every record of a folder that
has reference marks (.atr) and prints the table by AAMI EC57.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case bench != "" && (len(args) > 0 || out != ""):
				return &usageError{errors.New("--bench takes a folder, and neither a record nor --out")}
			case bench != "":
				return trial.Bench(os.DirFS(bench), lead, time.Now, s.out)
			case len(args) == 0:
				return &usageError{errors.New("name a record's header, RECORD.hea, or a folder with --bench")}
			}
			dir, name := filepath.Split(args[0])
			if dir == "" {
				dir = "."
			}
			marks, err := trial.List(os.DirFS(dir), name, lead, s.out)
			if err != nil {
				return err
			}
			if out == "" {
				return nil
			}
			if err := os.WriteFile(out, marks, 0o600); err != nil {
				return fmt.Errorf("write annotations: %w", err)
			}
			return nil
		},
	}
	f := c.Flags()
	f.IntVar(&lead, "lead", 0, "which `signal` of the record, counted from 0")
	f.StringVar(&out, "out", "", "write the beats as a WFDB annotation `file`")
	f.StringVar(&bench, "bench", "", "measure on every marked record in `folder`")
	return c
}
