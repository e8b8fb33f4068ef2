package console

import (
	"fmt"
	"strings"
	"time"

	"netifyd/core/glyph"
)

// agentLines say how the agent does: what it captures, what it lost, its memory, who listens.
func (s *screen) agentLines() (lines []line) {
	a := &s.status
	say := func(what, format string, args ...any) {
		text := clean(fmt.Sprintf(format, args...))
		for i, part := range wrap(text, s.width-14) {
			if i > 0 {
				what = ""
			}
			lines = append(lines, line{{fit(what, 13, false) + " ", faint}, {part, normal}})
		}
	}
	warn := func(text string) {
		for _, part := range wrap(clean(text), s.width) {
			lines = append(lines, plain(part, alarm))
		}
	}
	if a.Version == "" && !a.Stream {
		return []line{plain("asking…", faint)}
	}
	for i := range a.Warnings {
		what, remedy := a.Warnings[i].Words()
		warn("warning: " + what)
		if remedy != "" {
			for _, part := range wrap(clean(remedy), s.width-9) {
				lines = append(lines, plain("         "+part, normal))
			}
		}
	}
	say("agent", "%s, running since %s (%s)", first(a.Version, "netifyd"), time.Unix(a.Started, 0).In(s.clock().Location()).Format("2006-01-02 15:04:05"), glyph.Span(a.up()))
	if a.Build != "" {
		say("", "%s", a.Build)
	}
	for i := range a.Interfaces.Rows {
		what := "captures"
		if i > 0 {
			what = ""
		}
		text := a.Interfaces.Text(i, "name") + " as " + strings.ToLower(a.Interfaces.Text(i, "role")) + ", " + a.Interfaces.Text(i, "state")
		if a.Interfaces.Column("received") >= 0 {
			text += fmt.Sprintf(", %d packets, %d lost", a.Interfaces.Number(i, "received"), a.Interfaces.Number(i, "dropped"))
		}
		say(what, "%s", text)
	}
	say("packets", "%d received, %d lost", a.Capture.Received, a.Capture.Dropped)
	if a.Capture.Freezes > 0 {
		say("", "%d times a ring was full", a.Capture.Freezes)
	}
	flows := fmt.Sprintf("%d", a.Flows.Now)
	if a.Flows.Max > 0 {
		flows += fmt.Sprintf(" of %d  %s", a.Flows.Max, gauge(a.Flows.Now, a.Flows.Max))
	}
	say("flows", "%s", flows)
	say("", "%d ended early for want of room", a.Flows.Evicted)
	if !a.Stream {
		say("", "%d in the kernel alone, %d without an answer, %d untold, %d without a slot", a.Flows.Shunted, a.Flows.Unanswered, a.Flows.Untold, a.Flows.Slots)
	}
	if a.Hints != nil {
		say("names", "%d from DNS answers", *a.Hints)
	}
	memory := glyph.Octets(a.Memory.Resident<<10) + " resident"
	if a.Memory.Plan > 0 {
		memory += ", " + "tables " + glyph.Octets(a.Memory.Plan<<10) + " by plan"
	}
	say("memory", "%s", memory)
	if a.Memory.Peak > 0 {
		say("", "%s at the most", glyph.Octets(a.Memory.Peak<<10))
	}
	if a.up() > 0 && a.CPU.User+a.CPU.System > 0 {
		say("processor", "%.1f s, %.2f %% of one", a.CPU.User+a.CPU.System, 100*(a.CPU.User+a.CPU.System)/float64(a.up()))
	}
	clients := fmt.Sprintf("%d", a.Clients.Now)
	if a.Clients.Max > 0 {
		clients += fmt.Sprintf(" of %d", a.Clients.Max)
	}
	say("clients", "%s, %d refused, %d closed, %d events lost", clients, a.Clients.Refused, a.Clients.Closed, a.Clients.Lost)
	for i := range a.Sockets.Rows {
		say("", "%s, dialect %s", a.Sockets.Text(i, "address"), a.Sockets.Text(i, "dialect"))
	}
	if a.Offload != "" {
		say("offload", "%s", a.Offload)
	}
	if u := a.Usage; u != nil {
		say("usage", "%d of %d devices, %d of %d cells, %d folded, %d devices refused; history of %s", u.Devices, u.MaxDevices, u.Cells, u.MaxCells, u.Folded, u.Refused, glyph.Octets(u.History))
	}
	if c := a.Console; c != nil {
		say("this console", "keeps %d of %d flows, %d left out for want of room; %d reports about flows that began before it", c.Flows, c.Max, c.Evicted, c.Untold)
		if c.Dropped > 0 {
			warn(fmt.Sprintf("the agent had no room for %d events that this console was too slow for", c.Dropped))
		}
	}
	return lines
}

// gauge shows how full something is.
func gauge(n, of uint64) string {
	const room = 12
	full := min(int(float64(n)/float64(max(of, 1))*room+0.5), room)
	return strings.Repeat("█", full) + strings.Repeat("·", room-full) + fmt.Sprintf(" %d %%", n*100/max(of, 1))
}

// up is for how long the agent runs, in seconds.
func (a *statusAnswer) up() uint64 { return uint64(max(a.Now-a.Started, 0)) }
