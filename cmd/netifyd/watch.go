package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"netifyd/core/glyph"
	"netifyd/core/query"
	"netifyd/core/query/client"
)

// viewer shows flows to a person who looks on: each when it is known, and when
// it has ended with its bytes. Flows of files are shown at their end alone. A
// terminal that stands still keeps no packet waiting: what it does not take is
// not shown, and that is said. A replay of files waits for it.
type viewer struct {
	orders *orders
	waits  bool
	lines  chan []byte
	missed atomic.Uint64
	done   chan struct{}

	answers atomic.Pointer[query.Server] // who knows the names of devices
	names   map[string]string            // of devices, by address
	asked   time.Time
	shown   map[string]*viewed // flows that have not ended, by digest
	width   int                // of the terminal; 0: none
}

// viewedMost is how many flows are remembered until their end.
const viewedMost = 16384

// viewRoom is how many flows wait to be shown.
const viewRoom = 1024

// newViewer shows flows on standard output. Once that is gone, the agent ends.
func newViewer(o *orders, waits bool) *viewer {
	v := &viewer{orders: o, waits: waits, lines: make(chan []byte, viewRoom), done: make(chan struct{}), shown: map[string]*viewed{}}
	if isTerminal(os.Stdout) {
		v.width, _ = (&terminal{out: os.Stdout}).size()
	}
	go func() {
		defer close(v.done)
		if _, err := fmt.Fprint(os.Stdout, v.legend()); err != nil {
			o.finish()
			return
		}
		for line := range v.lines {
			_, err := fmt.Fprint(os.Stdout, v.text(line))
			if n := v.missed.Swap(0); n > 0 && err == nil {
				_, err = fmt.Fprintf(os.Stdout, "(%d lines were not shown: too many at a time)\n", n)
			}
			if err != nil {
				o.finish()
				return
			}
		}
	}()
	return v
}

// show is engine.Options.Watch.
func (v *viewer) show(line []byte) {
	line = bytes.Clone(line)
	if v.waits {
		select {
		case v.lines <- line:
			return
		case <-v.orders.end:
		}
	}
	select {
	case v.lines <- line:
	default:
		v.missed.Add(1)
	}
}

// close shows what waits, as far as the terminal takes it. Nobody shows any more.
func (v *viewer) close() {
	close(v.lines)
	select {
	case <-v.done:
	case <-time.After(time.Second):
	}
}

// viewed is what is shown of a flow.
type viewed struct {
	first                        int64 // ms
	mac, ip, app, host, protocol string
}

// legend says what the lines mean. It is shown once.
func (v *viewer) legend() string {
	when := "A flow is shown when it is known, and once more with its bytes when it has ended."
	if v.waits {
		when = "A flow is shown when it has ended."
	}
	return when + "\n~ named by DNS or by its address, ? guessed by its port\n" + v.row("TIME", "DEVICE", "APPLICATION", "HOST", "PROTOCOL", "BYTES")
}

// text is the line for a person of a flow or flow_purge event; empty: none.
func (v *viewer) text(line []byte) string {
	var e struct {
		Type     string
		Internal bool
		Flow     struct {
			Twin        bool
			Digest      string
			First       int64  `json:"first_seen_at"`
			Protocol    string `json:"detected_protocol_name"`
			Application string `json:"detected_application_name"`
			Guessed     bool   `json:"detection_guessed"`
			Confidence  string `json:"detection_confidence"`
			MAC         string `json:"local_mac"`
			IP          string `json:"local_ip"`
			OtherIP     string `json:"other_ip"`
			Host        string `json:"host_server_name"`
			DNS         string `json:"dns_host_name"`
			Bytes       uint64 `json:"total_bytes"`
		}
	}
	if json.Unmarshal(line, &e) != nil {
		return ""
	}
	f := &e.Flow
	x := v.shown[f.Digest]
	if e.Type == "flow_purge" {
		delete(v.shown, f.Digest)
		if x == nil {
			return ""
		}
		return v.flow(x, glyph.Octets(f.Bytes))
	}
	if f.Twin && !e.Internal { // the same flow is shown from its device's side
		delete(v.shown, f.Digest)
		return ""
	}
	again := x != nil
	if !again && len(v.shown) >= viewedMost {
		return ""
	}
	x = &viewed{first: f.First, mac: f.MAC, ip: f.IP, app: strings.TrimPrefix(f.Application, "netify."), host: cmp.Or(f.Host, f.DNS, f.OtherIP), protocol: f.Protocol}
	if f.Application == "Unknown" {
		x.app = "-"
	}
	switch {
	case f.Guessed:
		x.protocol += "?"
	case f.Confidence == "hint":
		x.app += "~"
	}
	v.shown[f.Digest] = x
	if again || v.waits {
		return ""
	}
	return v.flow(x, "")
}

func (v *viewer) flow(x *viewed, bytes string) string {
	at := time.UnixMilli(x.first).Format("15:04:05")
	return v.row(at, cmp.Or(v.name(x.mac), v.name(x.ip), x.ip), x.app, x.host, x.protocol, bytes)
}

// row puts cells into columns. Only a terminal cuts what is too long: a file is for grep.
func (v *viewer) row(at, device, app, host, protocol, bytes string) string {
	room := max(v.width-1-8-17-14-9-8-5, 16)
	if v.width == 0 {
		room = 28
	}
	cells := []struct {
		text  string
		width int
		cut   func(string, int) string
	}{{at, 8, glyph.Cut}, {device, 17, glyph.Cut}, {app, 14, glyph.Cut}, {host, room, glyph.Middle}, {protocol, 9, glyph.Cut}}
	var b strings.Builder
	for _, c := range cells {
		text := glyph.Clean(c.text)
		if v.width > 0 {
			text = c.cut(text, c.width)
		}
		b.WriteString(text + strings.Repeat(" ", max(c.width-glyph.Columns(text), 0)+1))
	}
	return strings.TrimRight(b.String()+fmt.Sprintf("%8s", bytes), " ") + "\n"
}

// name is what a device is called; empty where it has no name. Names are asked
// for every few seconds.
func (v *viewer) name(address string) string {
	if s := v.answers.Load(); s != nil && time.Since(v.asked) > 3*time.Second {
		v.names, v.asked = map[string]string{}, time.Now()
		text, err := s.Ask("devices", []byte(`{"limit":200}`), query.Caller{})
		var list client.Rows
		if err == nil && json.Unmarshal(text, &list) == nil {
			v.names = namesOf(&list)
		}
	}
	return v.names[address]
}
