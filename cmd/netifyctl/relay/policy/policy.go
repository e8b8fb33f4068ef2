// Package policy holds what a server has requested to be sent, within what the
// owner of the router allows.
package policy

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"
)

// longest is how many bytes a wish has at the most.
const longest = 1000

// Wish is what the operator's server says: a header of an HTTP answer, or a
// retained MQTT message.
type Wish struct {
	Flows string `json:"flows,omitempty"` // none, final (a row a flow), all (events as they come); empty: as the owner configured
	Usage string `json:"usage,omitempty"` // how often the hour that runs is told, as 1h or 5m; empty: as configured
	Until int64  `json:"until,omitempty"` // seconds since 1970; 0: until another wish comes
}

// Policy is the wish of one output's server, and its bounds. Any number of
// goroutines may use it; the methods of a nil Policy say that all is as configured.
type Policy struct {
	kinds []string // what is told without a wish
	allow []string // what may be told besides
	log   func(string, ...any)
	now   func() time.Time

	mu    sync.Mutex
	wish  Wish
	every time.Duration
	text  string
}

// New makes a policy: kinds are told unless the server wishes less, those of
// allow only if it wishes them.
func New(kinds, allow []string, log func(string, ...any)) *Policy {
	return &Policy{kinds: kinds, allow: allow, log: log, now: time.Now}
}

// Hear takes a wish; an empty text ends the one before. What is no wish is
// logged, and changes nothing.
func (p *Policy) Hear(text []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text = text[:min(len(text), longest)] // a longer one is no wish
	if string(text) == p.text {
		return
	}
	p.text = string(text)
	var w Wish
	var every time.Duration
	if len(text) > 0 {
		err := json.Unmarshal(text, &w)
		if err == nil && !slices.Contains([]string{"", "none", "final", "all"}, w.Flows) {
			err = fmt.Errorf("flows is %q, not none, final or all", w.Flows)
		}
		if err == nil && w.Usage != "" {
			if every, err = time.ParseDuration(w.Usage); err == nil && (every < time.Second || every > 24*time.Hour) {
				err = fmt.Errorf("usage is %q, not 1s to 24h", w.Usage)
			}
		}
		if err != nil {
			p.log("a wish of the server is not understood, and changes nothing: %v", err)
			return
		}
	}
	p.wish, p.every = w, every
	p.log("the server wishes: %s", p.text)
	for kind, wished := range map[string]bool{"flow": w.Flows == "final" || w.Flows == "all", "events": w.Flows == "all"} {
		if wished && !slices.Contains(p.kinds, kind) && !slices.Contains(p.allow, kind) {
			p.log("%s are not told: the owner of this router does not allow it", map[string]string{"flow": "flows", "events": "events"}[kind])
		}
	}
}

// current is the wish that holds now.
func (p *Policy) current() (Wish, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over()
	return p.wish, p.every
}

// over ends a wish whose time has passed. Its text is remembered, since a server
// may say it with every answer.
func (p *Policy) over() {
	if p.wish.Until > 0 && p.now().Unix() >= p.wish.Until {
		p.wish, p.every = Wish{}, 0
	}
}

// Told says whether rows of a kind are told now.
func (p *Policy) Told(kind string) bool {
	if p == nil {
		return true
	}
	configured := slices.Contains(p.kinds, kind)
	if kind != "flow" && kind != "events" {
		return configured
	}
	w, _ := p.current()
	wished := configured
	switch w.Flows {
	case "none":
		wished = false
	case "final":
		wished = kind == "flow"
	case "all":
		wished = true
	}
	return wished && (configured || slices.Contains(p.allow, kind))
}

// Usage is how often the running hour is told, never more often than configured.
func (p *Policy) Usage(configured time.Duration) time.Duration {
	if p == nil {
		return configured
	}
	_, every := p.current()
	return max(configured, every)
}

// Wish is what holds now, for the status; nil: there is none.
func (p *Policy) Wish() *Wish {
	if p == nil {
		return nil
	}
	if w, _ := p.current(); w != (Wish{}) {
		return &w
	}
	return nil
}
