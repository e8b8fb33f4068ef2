package query

import (
	"bytes"
	"fmt"
	"maps"
	"math/bits"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"netifyd/core/flow"
	"netifyd/core/proto"
	"netifyd/core/risk"
)

// filter chooses rows. Its words are parted by blanks and must all fit; a word
// without a key fits where any of the texts of a row holds it.
//
//	device: app: cat: proto: host: port: iface: net: state: risk:
//
// ! before a word negates it, * in a host stands for anything, and quotes keep
// blanks together. Case does not matter. Of devices, app: and whatever else
// only a flow has asks for those that have such a flow at this moment.
type filter struct {
	words []word
}

type word struct {
	not  bool
	key  string
	text string // lower case
	port uint16
	net  netip.Prefix
}

// maxWords bounds a filter.
const maxWords = 16

// states are what state: asks for.
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

// keys are the keys of the language.
var keys = []string{"device", "app", "cat", "proto", "host", "port", "iface", "net", "state", "risk"}

// What a filter chooses.
const (
	ofFlows   = false
	ofDevices = true
)

// parseFilter reads a filter of flows, or of devices. An error names the word that is wrong.
func parseFilter(text string, devices bool) (f filter, err error) {
	for _, part := range split(text) {
		w := word{}
		part, w.not = strings.CutPrefix(part, "!")
		key, value, keyed := strings.Cut(part, ":")
		if !keyed || !isKey(key) {
			if keyed && isName(key) && !strings.Contains(value, ":") {
				return f, fmt.Errorf("filter: there is no key %q: use one of %s", key, strings.Join(keys, ", "))
			}
			value = part
		} else {
			w.key = strings.ToLower(key)
		}
		w.text = strings.ToLower(strings.ReplaceAll(value, `"`, ""))
		if w.text == "" {
			return f, fmt.Errorf("filter: %q asks for nothing: write what stands after it", part)
		}
		switch w.key {
		case "port":
			n, err := strconv.ParseUint(w.text, 10, 16)
			if err != nil {
				return f, fmt.Errorf("filter: port:%s is no port: want 0 to 65535", w.text)
			}
			w.port = uint16(n)
		case "net":
			if w.net, err = prefix(w.text); err != nil {
				return f, fmt.Errorf("filter: net:%s is no address or prefix, such as 192.168.1.0/24", w.text)
			}
		case "state":
			if states[w.text] == nil && !(devices && deviceStates[w.text] != nil) {
				return f, fmt.Errorf("filter: state:%s: want %s", w.text, statesOf(devices))
			}
		}
		if f.words = append(f.words, w); len(f.words) > maxWords {
			return f, fmt.Errorf("filter: more than %d words", maxWords)
		}
	}
	return f, nil
}

// statesOf lists the states of flows, or of devices.
func statesOf(devices bool) string {
	list := slices.Collect(maps.Keys(states))
	if devices {
		list = append(list, slices.Collect(maps.Keys(deviceStates))...)
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), ", ")
}

// split parts a text at blanks, but not in quotes.
func split(text string) []string {
	quoted := false
	return strings.FieldsFunc(text, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return !quoted && (r == ' ' || r == '\t' || r == '\n')
	})
}

func prefix(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	return p.Masked(), err
}

func isKey(s string) bool {
	for _, k := range keys {
		if strings.EqualFold(k, s) {
			return true
		}
	}
	return false
}

// isName says that a text looks like a key, and not like an address.
func isName(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return s != ""
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
func (l *filter) fits(f *subject) bool {
	for i := range l.words {
		if w := &l.words[i]; w.fits(f) == w.not {
			return false
		}
	}
	return true
}

func (w *word) fits(f *subject) bool {
	r := f.Rec
	switch w.key {
	case "device":
		return w.isDevice(f.device()) || w.isLocal(f)
	case "app":
		return contains(f.app(), w.text)
	case "cat":
		return contains(f.category(), w.text)
	case "proto":
		return w.isProtocol(r.Proto)
	case "host":
		return w.isHost(f.hostName())
	case "port":
		return r.Port[0] == w.port || r.Port[1] == w.port
	case "iface":
		return strings.EqualFold(f.Iface, w.text)
	case "net":
		return w.net.Contains(flow.Addr(r.Version, &r.Addr[0])) || w.net.Contains(flow.Addr(r.Version, &r.Addr[1]))
	case "state":
		return states[w.text](f)
	case "risk":
		return w.isRisk(f.View.Risks(f.Rec))
	}
	return contains(f.app(), w.text) || w.isProtocol(r.Proto) || contains(f.category(), w.text) || strings.EqualFold(f.Iface, w.text) || w.isDevice(f.device()) || w.isHost(f.hostName()) || w.isAddress(f)
}

// severities are what risk: takes beside a part of a risk's name.
var severities = map[string]risk.Severity{"any": 1, "low": risk.Low, "medium": risk.Medium, "high": risk.High, "severe": risk.Severe}

// isRisk says that one of the risks is so severe or more, or is called so.
func (w *word) isRisk(found risk.Set) bool {
	if least, ok := severities[w.text]; ok {
		return found.AtLeast(least) != 0
	}
	for ; found != 0; found &= found - 1 {
		if contains(risk.ID(bits.TrailingZeros64(uint64(found))).Name(), w.text) {
			return true
		}
	}
	return false
}

// isProtocol knows both spellings of a protocol: HTTP/S and HTTPS.
func (w *word) isProtocol(id proto.ID) bool {
	return contains(id.Name(), w.text) || contains(id.Name3(), w.text)
}

func (w *word) isDevice(d *Who) bool {
	return strings.HasPrefix(d.Address, w.text) || contains(d.Name, w.text)
}

// isLocal says that the word is the local address of the flow: what the lists
// show for a device without a name.
func (w *word) isLocal(f *subject) bool {
	f.buf = flow.Addr(f.Rec.Version, &f.Rec.Addr[f.Rec.Local()]).AppendTo(f.buf[:0])
	return string(f.buf) == w.text
}

// isAddress says that an address of the flow begins with the word.
func (w *word) isAddress(f *subject) bool {
	r := f.Rec
	for side := range r.Addr {
		f.buf = flow.Addr(r.Version, &r.Addr[side]).AppendTo(f.buf[:0])
		if bytes.HasPrefix(f.buf, []byte(w.text)) {
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
	if !strings.Contains(w.text, "*") {
		return contains(host, w.text)
	}
	return glob(w.text, strings.ToLower(string(host)))
}

// glob compares all of s with a pattern in which * stands for any text.
func glob(pattern, s string) bool {
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && pattern[p] == s[i]:
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
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
