package relay

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"netifyd/cmd/netifyctl/relay/config"
	"netifyd/cmd/netifyctl/relay/policy"
)

const reportEvery = 5 * time.Second

// Status is what the relay says of itself, in the file that relay.status names.
type Status struct {
	Time    int64          `json:"time"`
	Started uint64         `json:"started"`
	Agent   string         `json:"agent"`
	Streams []StreamStatus `json:"streams"`
	Outputs []OutputStatus `json:"outputs"`
}

// StreamStatus is about a connection to the agent.
type StreamStatus struct {
	Address   string `json:"address"`
	Filter    string `json:"filter,omitempty"`
	Connected bool   `json:"connected"`
	Error     string `json:"error,omitempty"`
	Opened    uint64 `json:"opened"`
	Lines     uint64 `json:"lines"`
	Lost      uint64 `json:"lost"` // in the agent's queue for the relay
	TooLong   uint64 `json:"too_long"`
	Broken    uint64 `json:"broken"` // lines that are no object with a type
}

// OutputStatus is about an output; rows, since the start.
type OutputStatus struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	Connected bool   `json:"connected"`
	LastAck   int64  `json:"last_acknowledged"`
	Error     string `json:"error,omitempty"`
	DiskError string `json:"disk_error,omitempty"`
	Again     int64  `json:"again,omitempty"`
	Offered   uint64 `json:"offered"`
	Sent      uint64 `json:"sent"`
	Usage     uint64 `json:"usage_sent"` // of sent: asked of the agent again until they are acknowledged
	Waiting   int    `json:"waiting"`
	Bytes     int    `json:"waiting_bytes"`
	OnDisk    int    `json:"on_disk"`
	DiskBytes int64  `json:"disk_bytes"`
	Lost      uint64 `json:"lost"`
	Overflow  uint64 `json:"lost_for_room"`
	Refused   uint64 `json:"lost_refused"`
	TooLarge  uint64 `json:"lost_too_large"`
	Before    uint64 `json:"lost_before"`
	Untold    uint64 `json:"lost_untold"` // no batch has said so yet
	Batches   uint64 `json:"batches"`
	Failures  uint64 `json:"failures"`

	Policy *policy.Wish `json:"policy,omitempty"` // what the other side wishes, where it is heard
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// Status gives what is so now.
func (r *Relay) Status(now time.Time) Status {
	st := Status{Time: now.Unix(), Started: r.epoch, Agent: r.who().Agent}
	for _, s := range r.sources {
		s.stats.Lock()
		x := &s.stats
		st.Streams = append(st.Streams, StreamStatus{s.stream.Address, s.stream.Filter, x.connected, x.err, x.opened, x.lines, x.lost, x.long, x.broken})
		s.stats.Unlock()
	}
	for i, l := range r.lanes {
		x := l.Stats()
		st.Outputs = append(st.Outputs, OutputStatus{
			Name: r.c.Outputs[i].Name, Type: r.c.Outputs[i].Type, Connected: x.Connected, LastAck: unix(x.LastAck), Error: x.LastError, DiskError: x.DiskError, Again: unix(x.Again),
			Offered: x.Offered, Sent: x.Sent, Usage: x.Pulled, Waiting: x.Waiting, Bytes: x.Bytes, OnDisk: x.OnDisk, DiskBytes: x.DiskSize,
			Lost: x.Lost, Overflow: x.Overflow, Refused: x.Refused, TooLarge: x.TooLarge, Before: x.Before, Untold: x.Untold, Batches: x.Batches, Failures: x.Failures, Policy: r.policies[i].Wish()})
	}
	return st
}

// report writes the status file until ctx ends, and learns who the agent is.
func (r *Relay) report(ctx context.Context) {
	t := time.NewTicker(reportEvery)
	defer t.Stop()
	for {
		r.writeStatus(time.Now())
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			r.learn(ctx)
		}
	}
}

func (r *Relay) writeStatus(now time.Time) {
	text, _ := json.MarshalIndent(r.Status(now), "", " ")
	err := os.MkdirAll(filepath.Dir(r.c.Status), 0o755)
	if err == nil {
		_ = os.Remove(r.c.Status + ".tmp") // whatever it is: a pipe would hold us up
		err = os.WriteFile(r.c.Status+".tmp", append(text, '\n'), 0o644)
	}
	if err == nil {
		err = os.Rename(r.c.Status+".tmp", r.c.Status)
	}
	if err != nil && !r.mute {
		r.mute = true
		r.log("status: %v; relay.status names another file", err)
	}
}

// runStatus prints the status file.
func runStatus(arguments []string) int {
	flags := flag.NewFlagSet("netifyctl relay status", flag.ContinueOnError)
	path := flags.String("config", config.Path, "configuration `file`")
	raw := flags.Bool("json", false, "print the file as it is")
	if flags.Parse(arguments) != nil {
		return 2
	}
	c := config.New()
	loaded, err := config.Load(*path, outputs)
	switch {
	case err == nil:
		c = loaded
	case *path != config.Path || !errors.Is(err, fs.ErrNotExist): // what runs may have read it while it was good
		fmt.Fprintf(os.Stderr, "%v; looking at %s\n", err, c.Status)
	}
	text, err := os.ReadFile(c.Status)
	var st Status
	if err == nil {
		err = json.Unmarshal(text, &st)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "no relay has run here: %v\n", err)
		return 1
	}
	if *raw {
		os.Stdout.Write(text)
		return 0
	}
	now := time.Now()
	printStatus(os.Stdout, &st, now)
	if !st.fresh(now) {
		return 1
	}
	return 0
}

// fresh says that a relay that runs wrote it.
func (st *Status) fresh(now time.Time) bool { return now.Sub(time.Unix(st.Time, 0)) <= 3*reportEvery }

func printStatus(w *os.File, st *Status, now time.Time) {
	fmt.Fprintf(w, "agent %s", cmp.Or(st.Agent, "unknown: it did not answer so far, or has no identifier (netifyd -p makes it)"))
	if !st.fresh(now) {
		fmt.Fprintf(w, "   the relay does not run: it wrote this %s ago", now.Sub(time.Unix(st.Time, 0)).Round(time.Second))
	}
	fmt.Fprintln(w)
	for _, s := range st.Streams {
		fmt.Fprintf(w, "stream %s: %s, %d lines, %d lost before they came here\n", s.Address, state(s.Connected, s.Error, 0, now), s.Lines, s.Lost)
	}
	for _, o := range st.Outputs {
		fmt.Fprintf(w, "%s (%s): %s\n  %d rows sent, %d wait, %d on disk, %d lost (%d for room, %d refused, %d too large)\n",
			o.Name, o.Type, state(o.Connected, o.Error, o.Again, now), o.Sent, o.Waiting, o.OnDisk, o.Lost, o.Overflow, o.Refused, o.TooLarge)
		if o.DiskError != "" {
			fmt.Fprintf(w, "  disk: %s\n", o.DiskError)
		}
	}
}

func state(connected bool, err string, again int64, now time.Time) string {
	switch {
	case err != "" && again > now.Unix():
		return fmt.Sprintf("%s; again in %s", err, time.Unix(again, 0).Sub(now).Round(time.Second))
	case err != "":
		return err
	case connected:
		return "well"
	}
	return "nothing yet"
}
