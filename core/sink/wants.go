package sink

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"netifyd/core"
	"netifyd/core/expr"
)

// wants is what a client of dialect 5 asked for, or what its door gives. nil: everything.
type wants struct {
	kinds  uint32        // bit n: kind n
	filter *expr.Program // nil: of all flows
}

// allKinds are those of a client that did not choose.
const allKinds = 1<<core.KindDevice - 1

// wantsOf is what a door gives that has these kinds only; nil: everything.
func wantsOf(kinds []core.Kind) *wants {
	if len(kinds) == 0 {
		return nil
	}
	w := &wants{}
	for _, k := range kinds {
		w.kinds |= 1 << k
	}
	return w
}

func (w *wants) has(kind core.Kind) bool {
	return w == nil && kind.Usual() || w != nil && w.kinds>>kind&1 != 0
}

func (w *wants) flows() *expr.Program {
	if w == nil {
		return nil
	}
	return w.filter
}

// maxRequest is the longest line with which a client asks for something.
const maxRequest = 8 << 10

// request collects the first line that a client sends.
type request struct {
	line []byte
	over bool // the line is there, or is none
}

// take adds what came and says that the line is now whole, and is a request:
// anything else is thrown away, as all that comes later.
func (r *request) take(b []byte) (whole bool) {
	if r.over {
		return false
	}
	n := bytes.IndexByte(b, '\n')
	if n < 0 {
		r.line = append(r.line, b...)
	} else {
		r.line = append(r.line, b[:n]...)
	}
	text := bytes.TrimLeft(r.line, " \t\r")
	if len(text) > 0 && text[0] != '{' || len(r.line) > maxRequest && n < 0 {
		r.over, r.line = true, nil
		return len(text) > 0 && text[0] == '{' // too long: parse says so
	}
	r.over = n >= 0
	return r.over && len(text) > 0
}

// parse reads a request. compile makes a filter out of a text.
func (r *request) parse(compile func(string) (*expr.Program, error)) (*wants, error) {
	line := r.line
	r.line = nil
	if line == nil {
		return nil, fmt.Errorf("the request is longer than %d bytes", maxRequest)
	}
	var ask struct {
		Kinds  []string `json:"kinds"`
		Filter string   `json:"filter"`
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&ask); err != nil || d.More() {
		return nil, fmt.Errorf(`the request is not of the form {"kinds": ["flow_dpi_complete"], "filter": "local_ip == 192.0.2.1"}: %w`, orMore(err))
	}
	w := &wants{kinds: allKinds}
	if ask.Kinds != nil {
		w.kinds = 0
	}
	for _, name := range ask.Kinds {
		k, ok := core.ParseKind(name)
		if !ok {
			return nil, fmt.Errorf("kinds: there is no %.40q: want some of %s", name, strings.Join(core.KindNames(), ", "))
		}
		w.kinds |= 1 << k
	}
	if strings.TrimSpace(ask.Filter) == "" {
		return w, nil
	}
	if compile == nil {
		return nil, fmt.Errorf("filter: this agent has none")
	}
	var err error
	if w.filter, err = compile(ask.Filter); err != nil {
		return nil, fmt.Errorf("filter: %w", err)
	}
	return w, nil
}

func orMore(err error) error {
	if err == nil {
		return fmt.Errorf("more follows the object")
	}
	return err
}
