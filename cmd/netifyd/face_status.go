package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"netifyd/core/glyph"
	"netifyd/core/query/client"
)

// statusFace says how the agent does: netifyd status [--json]. It leaves with 0
// where the agent runs, 1 where it does not, 2 where it runs with warnings.
func statusFace(f *face) error {
	if err := cmp.Or(f.only("json"), f.wordless("status")); err != nil {
		return err
	}
	if err := f.dial(); err != nil {
		if held(f.cfg.VolatileDir) && !f.cfg.Control.Enabled {
			return status(f.cfg) // from the file that it writes
		}
		return err
	}
	defer f.agent.Close()
	text, err := f.agent.Raw("status", nil)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		fmt.Fprintln(os.Stderr, "netifyd: the agent runs, but it does not answer; this is what it wrote last")
		return status(f.cfg)
	}
	if err != nil {
		return err
	}
	var s client.Status
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	if f.has("json") {
		fmt.Fprintf(f.out, "%s\n", text)
	} else {
		drawStatus(f.out, &s)
	}
	if len(s.Warnings) > 0 {
		return exitCode(2)
	}
	return nil
}

// drawStatus writes the answer to "status" for people.
func drawStatus(out io.Writer, s *client.Status) {
	line := func(what, format string, args ...any) {
		fmt.Fprintf(out, "%-12s "+format+"\n", append([]any{what}, args...)...)
	}
	line("netifyd", "%s, running since %s (%s)", s.Version, time.Unix(s.Started, 0).Format("2006-01-02 15:04:05"), glyph.Span(s.Uptime))
	for i := range s.Interfaces.Rows {
		what := "captures"
		if i > 0 {
			what = ""
		}
		state := s.Interfaces.Text(i, "state")
		if state == "online" {
			state = ""
		}
		line(what, "%s", strings.TrimSpace(fmt.Sprintf("%s as %s  %s", glyph.Clean(s.Interfaces.Text(i, "name")), s.Interfaces.Text(i, "role"), state)))
	}
	line("packets", "%d received, %d lost", s.Capture.Received, s.Capture.Dropped)
	line("flows", "%d of %d, %d ended early for want of room", s.Flows.Now, s.Flows.Max, s.Flows.Evicted)
	line("clients", "%d of %d, %d refused, %d closed, %d events lost", s.Clients.Now, s.Clients.Max, s.Clients.Refused, s.Clients.Closed, s.Clients.Lost)
	line("memory", "%s resident, %s by plan", glyph.Octets(s.Memory.Resident<<10), glyph.Octets(s.Memory.Plan<<10+runtimeBytes))
	if s.Uptime > 0 {
		line("processor", "%.1f %% of one core since the start", 100*(s.CPU.User+s.CPU.System)/float64(s.Uptime))
	}
	line("offload", "%s", s.Offload)
	line("catalogue", "%s", glyph.Clean(s.Catalogue))
	for i := range s.Warnings {
		what, remedy := s.Warnings[i].Words()
		fmt.Fprintf(out, "warning: %s\n         %s\n", glyph.Clean(what), glyph.Clean(remedy))
	}
}
