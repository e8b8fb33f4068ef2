package engine

import (
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"netifyd/core"
	"netifyd/core/config"
	"netifyd/core/event"
	"netifyd/core/expr"
	"netifyd/core/sink"
	"netifyd/core/sink/socket"
	"netifyd/detect/app"
)

// listen opens a listener and serves it.
func (e *Engine) listen(l *config.Listener) error {
	d, err := event.ParseDialect(l.Dialect)
	if err != nil {
		return err
	}
	door := sink.Door{Dialect: d, Tables: tablesOf(l, d)}
	for _, text := range l.Allow {
		if p, err := netip.ParsePrefix(text); err == nil {
			door.Allow = append(door.Allow, p)
		} else if a, err := netip.ParseAddr(text); err == nil {
			door.Allow = append(door.Allow, netip.PrefixFrom(a, a.BitLen()))
		}
	}
	for _, name := range l.Kinds {
		if k, ok := core.ParseKind(name); ok {
			door.Kinds = append(door.Kinds, k)
		}
	}
	if door.Listener, err = socket.Listen(*l); err != nil {
		return err
	}
	if len(l.Allow) == 0 && l.Reaches() {
		e.log.Warn().Stringer("listener", l).Msg("only this machine itself may connect: name the addresses of others in listen.allow")
	}
	e.own.add(door.Listener)
	e.fanout.Serve(door)
	if l.Path != "" {
		e.sockets = append(e.sockets, listening{*l, door.Listener})
	}
	return nil
}

// listening is a UNIX socket that is served.
type listening struct {
	at    config.Listener
	serve net.Listener
}

// comeBack makes the volatile directory and the sockets anew where somebody has
// removed them. Without the right to do so it says that once.
func (e *Engine) comeBack() {
	made := false
	if _, err := os.Stat(e.cfg.VolatileDir); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(e.cfg.VolatileDir, 0o755); err != nil {
			e.homeless(err)
			return
		}
		made = true
	}
	for i := range e.sockets {
		s := &e.sockets[i]
		if !gone(s.at.Path) {
			continue
		}
		s.serve.Close() // before the new one, since it removes its path
		l, err := socket.Listen(s.at)
		if err != nil {
			e.homeless(err)
			continue
		}
		e.fanout.Renew(s.serve, l)
		s.serve, made = l, true
	}
	if c := e.faces.control; c != nil && gone(e.controlPath()) {
		if err := c.Renew(e.listenControl); err != nil {
			e.homeless(err)
		} else {
			made = true
		}
	}
	if made {
		e.log.Warn().Str("directory", e.cfg.VolatileDir).Msg("the volatile directory or a socket was removed by somebody, and is made anew")
		if e.opts.Restore != nil {
			e.opts.Restore()
		}
	}
}

func gone(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

func (e *Engine) homeless(err error) {
	if !e.status.homeless {
		e.status.homeless = true
		e.log.Error().Err(err).Msg("the volatile directory or a socket was removed by somebody, and cannot be made anew: start the agent again")
	}
}

// countClients notes how many clients there are and what became of others, and
// says once an interval what a person has to know of it.
func (e *Engine) countClients(st *event.Status) {
	n, was := e.fanout.Counters(), e.clients
	e.clients = n
	st.Clients = event.ClientStatus{Connected: n.Clients, Refused: n.Full + n.Outside, Closed: n.Stalled + n.Gone, Lost: n.Lost}
	if d := n.Full - was.Full; d > 0 {
		e.log.Warn().Uint64("connections", d).Int("clients", n.Clients).Msg("refused clients, since every place is taken: raise clients.max, or end clients that nobody needs")
	}
	if d := n.Outside - was.Outside; d > 0 {
		e.log.Warn().Uint64("connections", d).Stringer("newest", e.fanout.Foreign()).Msg("refused clients whose address is not in listen.allow")
	}
	if d := n.Stalled - was.Stalled; d > 0 {
		e.log.Warn().Uint64("clients", d).Msg("closed clients that read nothing while they lost events")
	}
	d := n.Lost - was.Lost
	if d > 0 && !e.lossy { // once, until it was better: agent_status counts
		e.log.Warn().Uint64("events", d).Msg("clients lost events, since they read too slowly: raise clients.queue, or let them ask for less")
	}
	e.lossy = d > 0
	if d := n.Gone - was.Gone; d > 0 {
		e.log.Info().Uint64("clients", d).Msg("closed clients whose machine answers no more")
	}
}

// compile makes a filter for a client, with the categories of this moment.
func (e *Engine) compile(text string) (*expr.Program, error) {
	e.status.mu.Lock()
	apps := e.apps
	e.status.mu.Unlock()
	return expr.Compile(text, apps.CategoryID)
}

// greet makes the greeting of a new client.
func (e *Engine) greet(d *sink.Door) sink.Greeting {
	k := &e.status
	k.mu.Lock()
	now, apps := k.last, e.apps
	k.mu.Unlock()
	now.Interfaces, now.Devices = nil, nil // of whoever makes the next status
	now.Timestamp, now.Uptime = time.Now().Unix(), uint64(time.Since(k.started)/time.Second)
	return sink.Greeting{Hello: k.hello, Status: event.AppendStatus(nil, d.Dialect, &now, true), Tables: e.tables.of(d.Dialect, d.Tables, apps)}
}

// tablesOf is which tables a listener greets with.
func tablesOf(l *config.Listener, d event.Dialect) event.Tables {
	switch l.Tables {
	case "full":
		return event.Full
	case "classic":
		return event.Classic
	case "none":
		return event.NoTables
	}
	return [event.NumDialects]event.Tables{event.V3: event.Classic, event.V4: event.Full, event.V5: event.NoTables}[d]
}

// tables are the definitions that clients are greeted with. They are made for
// the first client that wants them in its dialect and kept: they are long, and
// change with the catalogue only.
type tables struct {
	mu   sync.Mutex
	apps *app.Catalogue
	made [event.NumDialects][event.NumTables][]byte
}

// of gives the tables of a dialect; none: empty. They are never changed.
func (t *tables) of(d event.Dialect, which event.Tables, apps *app.Catalogue) []byte {
	if which == event.NoTables {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.apps != apps {
		t.drop()
		t.apps = apps
	}
	if made := &t.made[d][which]; *made == nil {
		names := event.Names{Applications: apps.Each, ApplicationCategories: apps.Categories}
		if which == event.Classic {
			names.Applications = apps.Classic
		}
		*made = event.AppendDefinitions(nil, d, names)
	}
	return t.made[d][which]
}

// forget lets go of what was made.
func (t *tables) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.drop()
}

func (t *tables) drop() { t.apps, t.made = nil, [event.NumDialects][event.NumTables][]byte{} }
