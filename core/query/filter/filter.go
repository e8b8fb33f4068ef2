// Package filter reads the filters that people type: words parted by blanks,
// which must all fit. A word without a key fits where any of the texts of a row
// holds it.
//
//	device: app: cat: proto: host: port: iface: net: state: risk:
//
// ! before a word negates it, * in a host stands for anything, and quotes keep
// blanks together. Case does not matter. Of devices, app: and whatever else
// only a flow has asks for those that have such a flow at this moment.
//
// The agent uses them in its answers, and netifyctl on what it reads from a stream.
package filter

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"netifyd/core/risk"
)

// Word is one word of a filter.
type Word struct {
	Not  bool
	Key  string       // one of the keys; empty: any text
	Text string       // lower case, without quotes; never empty
	Port uint16       // of port:
	Net  netip.Prefix // of net:
}

// Max is how many words a filter has at the most.
const Max = 16

var keys = []string{"device", "app", "cat", "proto", "host", "port", "iface", "net", "state", "risk"}

// What state: asks for.
var (
	FlowStates   = []string{"active", "guessed", "idle", "internet", "local", "new", "offloaded", "twin", "unknown"}
	DeviceStates = []string{"active", "hidden", "idle", "new", "randomised", "resolver"}
)

// Parse reads a filter of flows, or of devices. An error names the word that is
// wrong as it was typed, and says what to write instead.
func Parse(text string, devices bool) (words []Word, err error) {
	for _, part := range split(text) {
		w := Word{}
		part, w.Not = strings.CutPrefix(part, "!")
		key, value, keyed := strings.Cut(part, ":")
		if lower := strings.ToLower(key); keyed && slices.Contains(keys, lower) {
			w.Key = lower
		} else if keyed && isName(lower) && !strings.Contains(value, ":") {
			return nil, fmt.Errorf("filter: there is no key %q: use one of %s", key, strings.Join(keys, ", "))
		} else {
			value = part
		}
		w.Text = strings.ToLower(strings.ReplaceAll(value, `"`, ""))
		if w.Text == "" {
			return nil, fmt.Errorf("filter: %q asks for nothing: write what stands after it", part)
		}
		switch w.Key {
		case "port":
			n, err := strconv.ParseUint(w.Text, 10, 16)
			if err != nil {
				return nil, fmt.Errorf("filter: port:%s is no port: want 0 to 65535", w.Text)
			}
			w.Port = uint16(n)
		case "net":
			if w.Net, err = prefix(w.Text); err != nil {
				return nil, fmt.Errorf("filter: net:%s is no address or prefix, such as 192.168.1.0/24", w.Text)
			}
		case "state":
			if states := statesOf(devices); !slices.Contains(states, w.Text) {
				return nil, fmt.Errorf("filter: state:%s: want %s", w.Text, strings.Join(states, ", "))
			}
		}
		if words = append(words, w); len(words) > Max {
			return nil, fmt.Errorf("filter: more than %d words", Max)
		}
	}
	return words, nil
}

// statesOf lists the states of flows, or those of flows and of devices.
func statesOf(devices bool) []string {
	list := slices.Clip(FlowStates)
	if devices {
		for _, state := range DeviceStates {
			if !slices.Contains(list, state) {
				list = append(list, state)
			}
		}
	}
	return list
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

// isName says that a text in lower case looks like a key, and not like an address.
func isName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") == ""
}

// OfFlow says that a word asks of a device what flows it has.
func (w *Word) OfFlow() bool {
	switch w.Key {
	case "app", "cat", "proto", "host", "port", "iface", "risk":
		return true
	case "state":
		return !slices.Contains(DeviceStates, w.Text)
	}
	return false
}

// Severity is what risk: takes beside a part of a risk's name, as the lowest
// score that fits; false: the word is no severity.
func (w *Word) Severity() (least risk.Severity, is bool) {
	switch w.Text {
	case "any":
		return 1, true
	case "low":
		return risk.Low, true
	case "medium":
		return risk.Medium, true
	case "high":
		return risk.High, true
	case "severe":
		return risk.Severe, true
	}
	return 0, false
}

// Glob compares all of s with a pattern in which * stands for any text.
func Glob(pattern, s string) bool {
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
