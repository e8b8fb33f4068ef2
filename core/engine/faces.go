package engine

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"netifyd/core/config"
	"netifyd/core/file"
	"netifyd/core/query"
	"netifyd/core/query/control"
	"netifyd/core/query/ubus"
	"netifyd/core/sink/socket"
)

// faces are how others ask the engine. They hold nothing of their own.
type faces struct {
	answers *query.Server
	uuid    string          // the agent's identifier; empty where there is none yet
	control *control.Server // nil: none
	ubus    *ubus.Face      // nil: none
}

// openFaces begins to answer. A face that cannot be opened is told of; the
// capture goes on without it.
func (e *Engine) openFaces() {
	c := &e.cfg.Control
	e.faces.answers = query.New(&house{e: e, shards: e.shards, usage: e.usage})
	if text, err := file.Read(e.cfg.UUIDPath, 1<<10); err == nil {
		e.faces.uuid = strings.TrimSpace(string(text))
	} else if !errors.Is(err, fs.ErrNotExist) {
		e.log.Warn().Err(err).Msg("the agent has no identifier: agent.uuid_path cannot be read")
	}
	if !c.Enabled {
		return
	}
	var l net.Listener
	group, err := groupID(c.Group)
	if err == nil {
		l, err = e.listenControl()
	}
	if err != nil {
		e.log.Warn().Err(err).Msg("nobody can ask this agent: the control socket was not opened")
	} else {
		e.faces.control = control.Serve(l, e.faces.answers, control.Options{Group: group})
	}
	if _, err := os.Stat(filepath.Dir(ubus.Path)); c.Ubus && err == nil {
		e.faces.ubus = ubus.Serve(ubus.Path, e.faces.answers, func(text string) { e.log.Warn().Msg(text) })
	}
}

func (e *Engine) controlPath() string {
	return filepath.Join(e.cfg.VolatileDir, config.ControlSocket)
}

func (e *Engine) listenControl() (net.Listener, error) {
	return socket.Listen(config.Listener{Path: e.controlPath(), Mode: 0o660})
}

// heard says that somebody subscribed to what the bus is told.
func (f *faces) heard() bool { return f.ubus != nil && f.ubus.Subscribed() }

// Answers is what the faces ask.
func (e *Engine) Answers() *query.Server { return e.faces.answers }

// groupID finds a group; -1 where none is named.
func groupID(name string) (int, error) {
	if name == "" {
		return -1, nil
	}
	if id, err := strconv.Atoi(name); err == nil {
		return id, nil
	}
	g, err := user.LookupGroup(name)
	if err != nil {
		return -1, err
	}
	return strconv.Atoi(g.Gid)
}

func (f *faces) close() {
	if f.control != nil {
		f.control.Close()
	}
	if f.ubus != nil {
		f.ubus.Close()
	}
}
