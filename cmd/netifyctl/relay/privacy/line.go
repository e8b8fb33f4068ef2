package privacy

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Members of lines that tell of people, by what they are.
var members = map[string]func(*Filter, string) string{
	"local_mac": (*Filter).device, "other_mac": (*Filter).device, "mac": (*Filter).device, "device": (*Filter).device,
	"local_ip": (*Filter).IP, "other_ip": (*Filter).IP, "ip": (*Filter).IP, "addr": (*Filter).IP,
	"reply_src_ip": (*Filter).IP, "reply_dst_ip": (*Filter).IP,
	"mapped": (*Filter).IP, "relayed": (*Filter).IP, "peer": (*Filter).IP, "other": (*Filter).IP, "response": (*Filter).IP, "client": (*Filter).IP, "server": (*Filter).IP,
	"host_server_name": (*Filter).Host, "dns_host_name": (*Filter).Host, "client_sni": (*Filter).Host, "server_cn": (*Filter).Host,
	"sans": (*Filter).Host, "query": (*Filter).Host, "answers": (*Filter).Host, "url": (*Filter).url,
	"subject_dn": (*Filter).free, "issuer_dn": (*Filter).free, "banner": (*Filter).free, "answer": (*Filter).free, "cookie": (*Filter).free, "realm": (*Filter).free,
	"name": (*Filter).Name, "client_id": (*Filter).Name,
}

// device is MAC, with one that is excluded among the others.
func (f *Filter) device(text string) string {
	if f.Excluded(text) {
		return "others"
	}
	return f.MAC(text)
}

// url keeps the host alone where that is told as its domain.
func (f *Filter) url(text string) string {
	if f.host == "" || f.host == "full" {
		return f.hidden(text)
	}
	host, _, _ := strings.Cut(text, "/")
	host, _, _ = strings.Cut(host, ":")
	return f.Host(host)
}

// free is text that holds names.
func (f *Filter) free(text string) string {
	if f.host == "" || f.host == "full" {
		return f.hidden(text)
	}
	return ""
}

// Line gives what may be told of a line of the stream, valid until the next
// call; nothing where the line is about a device that is excluded.
func (f *Filter) Line(kind string, line []byte) []byte {
	if f == nil {
		return line
	}
	if strings.HasPrefix(kind, "flow") || kind == "device" {
		for mac := range f.exclude {
			if bytes.Contains(line, []byte(mac)) {
				return nil
			}
		}
	}
	w := walk{f: f, in: line, out: f.out[:0]}
	w.value(nil)
	f.out = w.out
	if w.at != len(line) {
		return nil // it is no JSON: who knows what it tells
	}
	return w.out
}

// walk copies a value of JSON, and changes texts on the way.
type walk struct {
	f       *Filter
	in, out []byte
	at      int
	depth   int
}

// deepest is how far objects may stand in each other.
const deepest = 32

// value copies a value whose texts change go through; false: nothing is left of
// it, or the line is broken, and then at is not at its end.
func (w *walk) value(change func(*Filter, string) string) bool {
	if w.at >= len(w.in) || w.depth > deepest {
		w.at = -1
		return false
	}
	switch w.in[w.at] {
	case '{':
		return w.many('}', change)
	case '[':
		return w.many(']', change)
	case '"':
		raw := w.text()
		if raw == nil {
			return false
		}
		if change == nil {
			w.out = append(w.out, raw...)
			return true
		}
		return w.changed(raw, change)
	}
	start := w.at
	for w.at < len(w.in) && !bytes.ContainsRune([]byte(",]}"), rune(w.in[w.at])) {
		w.at++
	}
	w.out = append(w.out, w.in[start:w.at]...)
	return true
}

// text gives a string with its quotes.
func (w *walk) text() []byte {
	for i := w.at + 1; i < len(w.in); i++ {
		switch w.in[i] {
		case '\\':
			i++
		case '"':
			raw := w.in[w.at : i+1]
			w.at = i + 1
			return raw
		}
	}
	w.at = -1
	return nil
}

func (w *walk) changed(raw []byte, change func(*Filter, string) string) bool {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return false
	}
	to := change(w.f, s)
	if to == s {
		w.out = append(w.out, raw...)
		return true
	}
	if to == "" {
		return false
	}
	text, _ := json.Marshal(to)
	w.out = append(w.out, text...)
	return true
}

// many copies an object or a list; what nothing is left of is not in it.
func (w *walk) many(end byte, change func(*Filter, string) string) bool {
	w.depth++
	defer func() { w.depth-- }()
	w.out = append(w.out, w.in[w.at])
	first := true
	for w.at++; w.at >= 0 && w.at < len(w.in); w.at++ {
		if w.in[w.at] == end { // only of an empty one
			w.at++
			w.out = append(w.out, end)
			return true
		}
		mark := len(w.out)
		if !first {
			w.out = append(w.out, ',')
		}
		if w.member(end, change) {
			first = false
		} else {
			w.out = w.out[:mark]
		}
		if w.at < 0 || w.at >= len(w.in) || w.in[w.at] != ',' && w.in[w.at] != end {
			break
		}
		if w.in[w.at] == end {
			w.at++
			w.out = append(w.out, end)
			return true
		}
	}
	w.at = -1
	return false
}

// member copies a member of an object, or an element of a list.
func (w *walk) member(end byte, change func(*Filter, string) string) bool {
	if end == ']' {
		return w.value(change)
	}
	if w.at >= len(w.in) || w.in[w.at] != '"' {
		w.at = -1
		return false
	}
	raw := w.text()
	if raw == nil || w.at >= len(w.in) || w.in[w.at] != ':' {
		w.at = -1
		return false
	}
	w.at++
	name := string(raw[1 : len(raw)-1])
	told := true
	if IsMAC(name) { // endpoints: addresses by hardware address
		if told = !w.f.Excluded(name); told {
			told = w.changed(raw, (*Filter).MAC)
		}
	} else {
		w.out = append(w.out, raw...)
	}
	w.out = append(w.out, ':')
	inner := members[name]
	if IsMAC(name) {
		inner = (*Filter).IP
	}
	return w.value(inner) && told
}
