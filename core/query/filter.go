package query

import (
	"bytes"
	"math/bits"
	"strings"

	"netifyd/core/flow"
	"netifyd/core/proto"
	"netifyd/core/query/filter"
	"netifyd/core/risk"
)

// choice chooses rows by the words of a filter, which must all fit.
type choice struct{ words []word }

type word struct{ filter.Word }

// states are what state: asks for, those of filter.FlowStates.
var states = map[string]func(f *subject) bool{
	"new":       func(f *subject) bool { return f.age < 60e9 },
	"idle":      func(f *subject) bool { return f.quiet > 30e9 },
	"active":    func(f *subject) bool { return f.quiet <= 30e9 },
	"unknown":   func(f *subject) bool { return f.Rec.Proto == proto.Unknown },
	"guessed":   func(f *subject) bool { return f.Rec.Flags&flow.Guessed != 0 },
	"offloaded": func(f *subject) bool { return f.Rec.Flags&flow.Offloaded != 0 },
	"twin":      func(f *subject) bool { return f.Rec.Marks&flow.Twin != 0 },
	"local":     func(f *subject) bool { return f.Rec.Other == flow.OtherLocal },
	"internet":  func(f *subject) bool { return f.Rec.Other == flow.OtherRemote },
}

// What a filter chooses.
const (
	ofFlows   = false
	ofDevices = true
)

// choice reads the argument "filter", of flows or of devices.
func (a args) choice(devices bool) (choice, error) {
	text, err := a.text("filter")
	if err != nil {
		return choice{}, err
	}
	return choose(text, devices)
}

func choose(text string, devices bool) (c choice, err error) {
	words, err := filter.Parse(text, devices)
	for _, w := range words {
		c.words = append(c.words, word{w})
	}
	return c, err
}

// subject is a flow that a filter looks at. What costs more is looked up when it is asked for.
type subject struct {
	*Flow
	server     *Server
	age, quiet int64
	who        Who
	host       []byte
	known      uint8 // which of who and host were looked up
	buf        []byte
}

const (
	knowsWho = 1 << iota
	knowsHost
)

// Who is a device as people know it.
type Who struct {
	Address, Name string // hardware address, or whatever it is known by; its name
}

func (f *subject) device() *Who {
	if f.known&knowsWho == 0 {
		f.who, f.known = f.server.who(f.Rec), f.known|knowsWho
	}
	return &f.who
}

func (f *subject) hostName() []byte {
	if f.known&knowsHost == 0 {
		f.host, f.known = f.View.Host(f.Rec), f.known|knowsHost
	}
	return f.host
}

func (f *subject) app() string {
	if f.Rec.App == 0 {
		return ""
	}
	return f.server.apps.Tag(f.Rec.App)
}

// label is what the flow is called: its application, else its protocol.
func (f *subject) label() string {
	if tag := f.app(); tag != "" {
		return tag
	}
	return f.Rec.Proto.Name()
}

func (f *subject) category() string { return f.server.apps.CategoryTag(f.Rec.AppCategory) }

// fits says that a flow is wanted.
func (l *choice) fits(f *subject) bool {
	for i := range l.words {
		if w := &l.words[i]; w.fits(f) == w.Not {
			return false
		}
	}
	return true
}

func (w *word) fits(f *subject) bool {
	r := f.Rec
	switch w.Key {
	case "device":
		return w.isDevice(f.device()) || w.isLocal(f)
	case "app":
		return contains(f.app(), w.Text)
	case "cat":
		return contains(f.category(), w.Text)
	case "proto":
		return w.isProtocol(r.Proto)
	case "host":
		return w.isHost(f.hostName())
	case "port":
		return r.Port[0] == w.Port || r.Port[1] == w.Port
	case "iface":
		return strings.EqualFold(f.Iface, w.Text)
	case "net":
		return w.Net.Contains(flow.Addr(r.Version, &r.Addr[0])) || w.Net.Contains(flow.Addr(r.Version, &r.Addr[1]))
	case "state":
		return states[w.Text](f)
	case "risk":
		return w.isRisk(f.View.Risks(f.Rec))
	}
	return contains(f.app(), w.Text) || w.isProtocol(r.Proto) || contains(f.category(), w.Text) || strings.EqualFold(f.Iface, w.Text) || w.isDevice(f.device()) || w.isHost(f.hostName()) || w.isAddress(f)
}

// isRisk says that one of the risks is so severe or more, or is called so.
func (w *word) isRisk(found risk.Set) bool {
	if least, ok := w.Severity(); ok {
		return found.AtLeast(least) != 0
	}
	for ; found != 0; found &= found - 1 {
		if contains(risk.ID(bits.TrailingZeros64(uint64(found))).Name(), w.Text) {
			return true
		}
	}
	return false
}

// isProtocol knows both spellings of a protocol: HTTP/S and HTTPS.
func (w *word) isProtocol(id proto.ID) bool {
	return contains(id.Name(), w.Text) || contains(id.Name3(), w.Text)
}

func (w *word) isDevice(d *Who) bool {
	return strings.HasPrefix(d.Address, w.Text) || contains(d.Name, w.Text)
}

// isLocal says that the word is the local address of the flow: what the lists
// show for a device without a name.
func (w *word) isLocal(f *subject) bool {
	f.buf = flow.Addr(f.Rec.Version, &f.Rec.Addr[f.Rec.Local()]).AppendTo(f.buf[:0])
	return string(f.buf) == w.Text
}

// isAddress says that an address of the flow begins with the word.
func (w *word) isAddress(f *subject) bool {
	r := f.Rec
	for side := range r.Addr {
		f.buf = flow.Addr(r.Version, &r.Addr[side]).AppendTo(f.buf[:0])
		if bytes.HasPrefix(f.buf, []byte(w.Text)) {
			return true
		}
	}
	return false
}

// isHost compares a name with a pattern: * stands for anything; without it a
// part of the name is enough.
func (w *word) isHost(host []byte) bool {
	if len(host) == 0 {
		return false
	}
	if !strings.Contains(w.Text, "*") {
		return contains(host, w.Text)
	}
	return filter.Glob(w.Text, strings.ToLower(string(host)))
}

// contains says that s holds part, which is in lower case.
func contains[T string | []byte](s T, part string) bool {
	for i := 0; i+len(part) <= len(s); i++ {
		j := 0
		for j < len(part) && lower(s[i+j]) == part[j] {
			j++
		}
		if j == len(part) {
			return true
		}
	}
	return false
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
