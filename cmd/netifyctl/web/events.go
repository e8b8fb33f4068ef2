package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"netifyd/core/query/client"
)

// Bounds of the events.
const (
	maxListeners = 64
	queue        = 32 // events that wait for a listener; one who is slower is let go, and comes again
	tickRows     = 16 // devices and applications of a tick
	deviceTicks  = 5  // every so many ticks devices are looked at
	maxPages     = 16 // of 200 devices
	// unread is what the kernel keeps for a listener that does not read, in bytes (Linux doubles
	// it). What is more, some minutes of events, ends a listener that hangs: there are few places.
	unread = 16 << 10
	// hangs is how long a write may take then.
	hangs = 10 * time.Second
)

// events asks the agent every two seconds, while anybody listens, and tells all
// listeners what is new as server-sent events: tick, alert, device, and agent
// when it went away or came back.
type events struct {
	agent            *answers
	every, heartbeat time.Duration
	hangs            time.Duration

	mu        sync.Mutex
	listeners map[chan []byte]struct{}
	running   bool
}

func newEvents(a *answers, every, heartbeat, hangs time.Duration) *events {
	return &events{agent: a, every: every, heartbeat: heartbeat, hangs: hangs, listeners: map[chan []byte]struct{}{}}
}

func (e *events) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mine := e.join(r.Context())
	if mine == nil {
		w.Header().Set("Retry-After", "30")
		tell(w, http.StatusServiceUnavailable, "%d listen already", maxListeners)
		return
	}
	defer e.leave(mine)
	if s, ok := r.Context().Value(seatKey{}).(*seat); ok {
		if c, ok := s.Conn.(interface{ SetWriteBuffer(int) error }); ok {
			_ = c.SetWriteBuffer(unread)
		}
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // nginx passes events on at once
	c := http.NewResponseController(w)
	say := func(text []byte) bool {
		_ = c.SetWriteDeadline(time.Now().Add(e.hangs))
		_, err := w.Write(text)
		return err == nil && c.Flush() == nil
	}
	if !say([]byte("retry: 3000\n\n")) {
		return
	}
	beat := time.NewTicker(e.heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case text, ok := <-mine:
			if !ok || !say(text) {
				return
			}
		case <-beat.C:
			if !say([]byte(":\n\n")) {
				return
			}
		}
	}
}

// join adds a listener; nil: there are too many. The first one starts the asking.
func (e *events) join(ctx context.Context) chan []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.listeners) >= maxListeners {
		return nil
	}
	mine := make(chan []byte, queue)
	e.listeners[mine] = struct{}{}
	if !e.running {
		e.running = true
		go e.run(context.WithoutCancel(ctx))
	}
	return mine
}

func (e *events) leave(mine chan []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.listeners, mine)
}

// run asks until nobody listens any more.
func (e *events) run(ctx context.Context) {
	w := watch{agent: e.agent, tell: e.tell}
	t := time.NewTicker(e.every)
	defer t.Stop()
	for {
		w.round(ctx)
		<-t.C
		e.mu.Lock()
		if len(e.listeners) == 0 {
			e.running = false
			e.mu.Unlock()
			return
		}
		e.mu.Unlock()
	}
}

// tell gives an event to all listeners. Whoever does not keep up is let go.
func (e *events) tell(kind string, data any) {
	text, err := json.Marshal(data)
	if err != nil {
		return
	}
	text = fmt.Appendf(nil, "event: %s\ndata: %s\n\n", kind, text)
	e.mu.Lock()
	defer e.mu.Unlock()
	for l := range e.listeners {
		select {
		case l <- text:
		default:
			close(l)
			delete(e.listeners, l)
		}
	}
}

// watch is what is known from round to round.
type watch struct {
	agent *answers
	tell  func(kind string, data any)

	ticks   int
	newest  int64     // of the curve
	wan     [2]uint64 // its point
	state   problem
	alert   uint64            // the newest that was told
	alerted bool              // alert is known
	devices map[string]string // name by address; nil: not known yet
}

// tick is what changes from moment to moment, as ubus tells it.
type tick struct {
	Time    int64       `json:"t"`
	Newest  int64       `json:"newest"` // time of wan, which is the newest point of the overview's curve
	Wan     [2]uint64   `json:"wan"`    // bytes a second down and up
	Devices [][3]uint64 `json:"devices"`
	Apps    [][3]uint64 `json:"apps"`
	Flows   uint64      `json:"flows"`
	Lost    uint64      `json:"lost"`
	Online  uint64      `json:"online"`
	Alerts  uint64      `json:"alerts"` // number of the newest
}

// overview is what of the answer is used.
type overview struct {
	Now, Newest int64
	Wan         struct{ Down, Up []uint64 }
	Words       struct {
		Devices, Flows, Lost uint64
	}
	Alerts       uint64
	Devices      client.Rows
	Applications client.Rows
}

func (w *watch) round(ctx context.Context) {
	var o overview
	err := w.agent.Ask(ctx, "overview", map[string]any{"limit": tickRows, "since": w.newest}, &o)
	if state := (problem{Away: away(err)}); state.Away != w.state.Away || w.ticks == 0 && err != nil {
		if err != nil {
			state.Error = err.Error()
		}
		w.state = state
		w.tell("agent", state)
	}
	w.ticks++
	if err != nil {
		return
	}
	if n := min(len(o.Wan.Down), len(o.Wan.Up)); n > 0 {
		w.wan = [2]uint64{o.Wan.Down[n-1], o.Wan.Up[n-1]}
	}
	w.newest = o.Newest
	w.tell("tick", tick{o.Now, o.Newest, w.wan, rates(&o.Devices, "id", ""), rates(&o.Applications, "application", "protocol"),
		o.Words.Flows, o.Words.Lost, o.Words.Devices, o.Alerts})
	w.alerts(ctx, o.Alerts)
	if w.ticks%deviceTicks == 1 {
		w.changes(ctx)
	}
}

// rates are rows as [number, down, up]. An application without a number is 2^31
// plus its protocol.
func rates(rows *client.Rows, number, other string) [][3]uint64 {
	list := [][3]uint64{}
	for i := range rows.Rows {
		down, up := rows.Number(i, "down_rate"), rows.Number(i, "up_rate")
		if down|up == 0 {
			continue
		}
		id := rows.Number(i, number)
		if id == 0 && other != "" {
			id = 1<<31 | rows.Number(i, other)
		}
		list = append(list, [3]uint64{id, down, up})
	}
	return list
}

// alerts tells those that are new since the first round.
func (w *watch) alerts(ctx context.Context, newest uint64) {
	if !w.alerted || newest < w.alert { // an agent that was started again counts from one
		w.alert, w.alerted = newest, true
		return
	}
	if newest == w.alert {
		return
	}
	var rows client.Rows
	if w.agent.Ask(ctx, "alerts", map[string]any{"since": w.alert, "limit": queue / 2}, &rows) != nil {
		return
	}
	for i := range rows.Rows {
		w.tell("alert", object(&rows, i))
		w.alert = max(w.alert, rows.Number(i, "number"))
	}
}

// object is a row with the names of its columns.
func object(rows *client.Rows, i int) map[string]json.RawMessage {
	o := map[string]json.RawMessage{}
	for at, name := range rows.Columns {
		if at < len(rows.Rows[i]) {
			o[name] = rows.Rows[i][at]
		}
	}
	return o
}

// deviceEvent tells that a device is new, has another name, or was forgotten.
type deviceEvent struct {
	Event  string `json:"event"` // new, named or gone
	Device string `json:"device"`
	Name   string `json:"name"`
}

// changes tells what is new about devices: at most half a queue of it at a time.
func (w *watch) changes(ctx context.Context) {
	now := map[string]string{}
	for range maxPages {
		var rows client.Rows
		if w.agent.Ask(ctx, "devices", map[string]any{"sort": "id", "offset": len(now), "limit": 200}, &rows) != nil {
			return
		}
		for i := range rows.Rows {
			now[rows.Text(i, "device")] = rows.Text(i, "name")
		}
		if len(rows.Rows) == 0 || len(now) >= rows.Total {
			break
		}
	}
	before, left := w.devices, queue/2
	w.devices = now
	if before == nil {
		return
	}
	say := func(what, device, name string) {
		if left > 0 {
			w.tell("device", deviceEvent{what, device, name})
		}
		left--
	}
	for device, name := range now {
		switch was, known := before[device]; {
		case !known:
			say("new", device, name)
		case was != name:
			say("named", device, name)
		}
	}
	for device, name := range before {
		if _, there := now[device]; !there {
			say("gone", device, name)
		}
	}
}
