package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"netifyd/core"
	"netifyd/core/capture/pcapfile"
	"netifyd/core/config"
	"netifyd/core/engine"
	"netifyd/core/event"
	"netifyd/core/expr"
	"netifyd/core/sink"
)

// discard is an outlet that nobody listens to.
type discard struct{}

func (discard) Poll() []*sink.Join                                     { return nil }
func (discard) Wants(event.Dialect, core.Kind) bool                    { return false }
func (discard) Filters(core.Kind) bool                                 { return false }
func (discard) Select(core.Kind, *expr.Input) bool                     { return false }
func (discard) Dialects() event.Dialects                               { return 0 }
func (discard) Offer(event.Dialect, core.Kind, core.Rank, []byte) bool { return true }

// replay prints the events of capture files, one JSON object a line, or with
// -q a summary, with --usage who used what. A file that is cut short, or has packets of an unknown link, is a
// warning; one of which nothing can be read is an error, after the others were
// read.
func replay(f *config.Flags, cfg *config.Config) error {
	apps, err := loadApps(cfg)
	if err != nil {
		return err
	}
	if f.Usage && !cfg.Usage.Enabled {
		return errors.New("the configuration says usage.enabled = false: without it nothing is counted")
	}
	dialect, err := event.ParseDialect(cmp.Or(f.Dialect, "4"))
	if err != nil {
		return err
	}
	out := sink.NewWriter(os.Stdout, dialect)
	failed := false
	for _, path := range f.Args {
		var outlet sink.Outlet = out
		if f.Quiet || f.Usage {
			outlet = discard{}
		}
		sum, err := engine.Replay(cfg, apps, path, filepath.Base(path), outlet)
		if err != nil {
			fmt.Fprintln(os.Stderr, "netifyd:", err)
			part := errors.Is(err, pcapfile.ErrTruncated) || errors.Is(err, pcapfile.ErrLink) && sum.Discarded < sum.Packets
			failed = failed || !part
		}
		if sum.Faults > 0 {
			fmt.Fprintf(os.Stderr, "netifyd: %s: %d detectors failed on its bytes: please report this\n", path, sum.Faults)
		}
		if f.Usage && sum.Usage != nil {
			if len(f.Args) > 1 && f.Format != "json" && f.Format != "csv" { // which table is whose
				fmt.Printf("%s:\n", path)
			}
			if err := writeUsage(os.Stdout, f.Format, sum.Usage, apps); err != nil {
				return fmt.Errorf("usage could not be written: %w", err)
			}
		}
		if f.Quiet {
			engine.WriteSummary(os.Stdout, path, &sum)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("events could not be written: %w", err)
	}
	if failed {
		return errSaid
	}
	return nil
}
