package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"netifyd/core/glyph"
)

// viewer shows flows to a person who looks on. A terminal that stands still
// keeps no packet waiting: what it does not take is not shown, and that is
// said. A replay of files waits for it.
type viewer struct {
	orders *orders
	waits  bool
	lines  chan []byte
	missed atomic.Uint64
	done   chan struct{}
}

// viewRoom is how many flows wait to be shown.
const viewRoom = 1024

// newViewer shows flows on standard output. Once that is gone, the agent ends.
func newViewer(o *orders, waits bool) *viewer {
	v := &viewer{orders: o, waits: waits, lines: make(chan []byte, viewRoom), done: make(chan struct{})}
	go func() {
		defer close(v.done)
		for line := range v.lines {
			err := printFlow(line)
			if n := v.missed.Swap(0); n > 0 && err == nil {
				_, err = fmt.Fprintf(os.Stdout, "(%d flows were not shown: too many at a time)\n", n)
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

// printFlow writes a flow line for a person: the protocol, the application,
// who talks to whom, and the name that the flow spoke.
func printFlow(line []byte) error {
	var e struct {
		Interface string
		Internal  bool
		Flow      struct {
			Protocol    string `json:"detected_protocol_name"`
			Application string `json:"detected_application_name"`
			Guessed     bool   `json:"detection_guessed"`
			Updated     bool   `json:"detection_updated"`
			Hint        bool   `json:"dhc_hit"`
			LocalOrigin bool   `json:"local_origin"`
			LocalIP     string `json:"local_ip"`
			LocalPort   int    `json:"local_port"`
			OtherIP     string `json:"other_ip"`
			OtherPort   int    `json:"other_port"`
			Host        string `json:"host_server_name"`
			Version     int    `json:"ip_version"`
		}
	}
	if json.Unmarshal(line, &e) != nil {
		return nil
	}
	f := &e.Flow
	flags := []byte("----")
	mark := func(i int, c byte, on bool) {
		if on {
			flags[i] = c
		}
	}
	mark(0, 'i', e.Internal)
	mark(0, 'e', !e.Internal)
	mark(1, 'u', f.Updated)
	mark(2, 'g', f.Guessed)
	mark(3, 'd', f.Hint)
	arrow := "<--"
	if f.LocalOrigin {
		arrow = "-->"
	}
	name := f.Protocol
	if f.Application != "Unknown" {
		name += "." + f.Application
	}
	text := fmt.Sprintf("%s: [%s] %s %s %s %s", e.Interface, flags, name,
		net.JoinHostPort(f.LocalIP, strconv.Itoa(f.LocalPort)), arrow, net.JoinHostPort(f.OtherIP, strconv.Itoa(f.OtherPort)))
	if f.Host != "" {
		text += " [H: " + f.Host + "]"
	}
	_, err := fmt.Fprintln(os.Stdout, glyph.Clean(text))
	return err
}
