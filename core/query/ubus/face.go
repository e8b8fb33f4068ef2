// Package ubus is the OpenWrt face of the answers: it publishes the object
// "netifyd" on the bus. It speaks the protocol of ubusd itself, so that nothing
// of C is linked. It holds no logic about traffic.
package ubus

import (
	"bufio"
	"errors"
	"net"
	"sync"
	"time"

	"netifyd/core/query"
)

// Path is where ubusd listens.
const Path = "/var/run/ubus/ubus.sock"

// Object is the name that the answers are published under.
const Object = "netifyd"

// Face publishes the answers of a query.Server. It lives until Close and
// reconnects whenever the bus comes back.
type Face struct {
	server *query.Server
	path   string
	notice func(string)
	done   chan struct{}
	ended  sync.WaitGroup
	heard  chan struct{} // somebody subscribed
	news   chan news     // for subscribers

	mu       sync.Mutex // what follows, and writing
	conn     net.Conn
	object   uint32 // identifier of our object; 0: not published
	listened bool   // somebody subscribed
	buf      []byte
}

// news is something that subscribers are told.
type news struct {
	method string
	data   []byte
}

// newsRoom is how much of it may wait for a bus that is slow. What does not fit is lost.
const newsRoom = 16

// tickEvery is how often subscribers are told the rates.
const tickEvery = 2 * time.Second

// Pauses between two attempts to reach the bus.
const (
	firstPause = time.Second
	lastPause  = 30 * time.Second
)

// Serve publishes the answers at a bus until Close. notice is told, in
// sentences for the log, why the object cannot be published, once for each
// reason. It returns at once.
func Serve(path string, server *query.Server, notice func(string)) *Face {
	f := &Face{server: server, path: path, notice: notice, done: make(chan struct{}), heard: make(chan struct{}, 1), news: make(chan news, newsRoom)}
	f.ended.Go(f.run)
	f.ended.Go(f.notify)
	return f
}

func (f *Face) run() {
	said, pause := "", firstPause
	for {
		published, err := f.session()
		if published {
			said, pause = "", firstPause
		}
		if err != nil && err.Error() != said && !f.closed() {
			said = err.Error()
			f.notice("nobody can ask over ubus, and it is tried again: " + said)
		}
		timer := time.NewTimer(pause)
		select {
		case <-f.done:
			timer.Stop()
			return
		case <-timer.C:
		}
		pause = min(2*pause, lastPause)
	}
}

func (f *Face) closed() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// Close takes the object off the bus.
func (f *Face) Close() {
	close(f.done)
	f.mu.Lock()
	if f.conn != nil {
		_ = f.conn.Close()
	}
	f.mu.Unlock()
	f.ended.Wait()
}

// session publishes the object and answers until the connection breaks.
func (f *Face) session() (published bool, err error) {
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: f.path, Net: "unix"})
	if err != nil {
		return false, err
	}
	defer conn.Close()
	f.mu.Lock()
	f.conn = conn
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.conn, f.object, f.listened = nil, 0, false
		f.mu.Unlock()
	}()
	if f.closed() {
		return false, nil
	}
	r := bufio.NewReaderSize(conn, 4096)
	var buf []byte
	m, buf, err := read(r, buf)
	if err != nil {
		return false, err
	}
	if m.kind != msgHello {
		return false, errors.New("ubus: the bus did not say hello")
	}
	if err := f.publish(); err != nil {
		return false, err
	}
	for {
		if m, buf, err = read(r, buf); err != nil {
			return published, err
		}
		switch m.kind {
		case msgData, msgStatus:
			if !published {
				if published, err = f.answered(&m); err != nil {
					return false, err
				}
			}
		case msgInvoke:
			if err = f.invoke(&m); err != nil {
				return published, err
			}
		case msgNotify:
			f.subscribed(&m)
		}
	}
}

// publish asks the bus to add the object.
func (f *Face) publish() error {
	data := appendText(nil, attrObjPath, Object)
	data, start := begin(data, attrSignature)
	for _, m := range query.Methods() {
		var at int
		data, at = beginField(data, typeTable, m.Name)
		for _, a := range m.Args {
			data = appendInt(data, a.Name, int64(argTypes[a.Kind]))
		}
		data = end(data, at)
	}
	data = end(data, start)
	return f.send(&message{kind: msgAddObject, seq: 1, data: data})
}

// argTypes are the blobmsg types that a signature names.
var argTypes = map[query.Kind]int{query.Text: typeString, query.Number: typeInt32, query.Flag: typeInt8, query.Table: typeTable}

// answered reads the bus's answer to publish: data with the object's
// identifier, then a status.
func (f *Face) answered(m *message) (done bool, err error) {
	if m.kind == msgData {
		return false, m.attributes(func(x *blob) {
			if x.id == attrObjID {
				f.mu.Lock()
				f.object = x.number()
				f.mu.Unlock()
			}
		})
	}
	code, err := m.status()
	if err != nil {
		return false, err
	}
	if code != statusOK {
		return false, refused("the object "+Object+" was not published", code)
	}
	return true, nil
}

// invoke answers a call.
func (f *Face) invoke(m *message) error {
	var method, user string
	var object uint32
	var args []byte
	var quiet bool
	err := m.attributes(func(x *blob) {
		switch x.id {
		case attrObjID:
			object = x.number()
		case attrMethod:
			method = x.text()
		case attrData:
			args = x.data
		case attrUser:
			user = x.text()
		case attrNoReply:
			quiet = len(x.data) > 0 && x.data[0] != 0
		}
	})
	if err != nil {
		return err
	}
	reply, code := f.ask(method, args, user)
	if quiet {
		return nil
	}
	head := appendNumber(nil, attrObjID, object)
	if reply != nil {
		data, start := begin(head, attrData)
		data, err := appendJSON(data, reply)
		if err != nil {
			return err
		}
		if err := f.send(&message{kind: msgData, seq: m.seq, peer: m.peer, data: end(data, start)}); err != nil {
			return err
		}
	}
	data := appendNumber(nil, attrStatus, code)
	data = appendNumber(data, attrObjID, object)
	return f.send(&message{kind: msgStatus, seq: m.seq, peer: m.peer, data: data})
}

// ask gives the answer in JSON. A question that is wrong is answered too, with
// a member "error", since a status has no words.
func (f *Face) ask(method string, args []byte, user string) ([]byte, uint32) {
	text, err := readJSON(nil, args)
	if err != nil {
		return nil, 2
	}
	reply, err := f.server.Ask(method, text, query.Caller{Changes: user == "" || user == "root"})
	switch {
	case errors.Is(err, query.ErrNoMethod):
		return nil, statusNoMethod
	case errors.Is(err, query.ErrNoPermission):
		return nil, statusNoPermission
	}
	return reply, statusOK
}

// subscribed notes whether anybody listens to what we notify of.
func (f *Face) subscribed(m *message) {
	_ = m.attributes(func(x *blob) {
		if x.id == attrActive && len(x.data) > 0 {
			f.mu.Lock()
			f.listened = x.data[0] != 0
			f.mu.Unlock()
			select {
			case f.heard <- struct{}{}:
			default:
			}
		}
	})
}

// Subscribed says that a notification would be heard.
func (f *Face) Subscribed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.listened && f.object != 0
}

// Tell tells subscribers of something; data is a JSON object, which is kept. It
// does not wait, and does nothing while nobody subscribes.
func (f *Face) Tell(method string, data []byte) {
	if !f.Subscribed() {
		return
	}
	select {
	case f.news <- news{method, data}:
	default:
	}
}

// notify sends news, and the rates as long as somebody subscribes. While nobody
// does, nothing is counted and no clock runs.
func (f *Face) notify() {
	var tick *time.Ticker
	var ticks <-chan time.Time
	for {
		select {
		case <-f.done:
			return
		case <-f.heard:
			if tick == nil && f.Subscribed() {
				tick = time.NewTicker(tickEvery)
				ticks = tick.C
			}
		case x := <-f.news:
			_ = f.notification(x.method, x.data)
		case <-ticks:
			if !f.Subscribed() {
				tick.Stop()
				tick, ticks = nil, nil
				continue
			}
			_ = f.notification("tick", f.server.Tick())
		}
	}
}

// notification sends one; an error means that the connection breaks, which session sees.
func (f *Face) notification(method string, data []byte) error {
	f.mu.Lock()
	object := f.object
	f.mu.Unlock()
	if object == 0 {
		return nil
	}
	b := appendNumber(nil, attrObjID, object)
	b = appendText(b, attrMethod, method)
	b, start := begin(b, attrNoReply)
	b = end(append(b, 1), start)
	b, start = begin(b, attrData)
	b, err := appendJSON(b, data)
	if err != nil {
		return err
	}
	return f.send(&message{kind: msgNotify, peer: object, data: end(b, start)})
}

// patience is how long the bus may take to read a message.
const patience = 5 * time.Second

func (f *Face) send(m *message) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.conn == nil {
		return net.ErrClosed
	}
	f.buf = m.append(f.buf[:0])
	_ = f.conn.SetWriteDeadline(time.Now().Add(patience))
	_, err := f.conn.Write(f.buf)
	return err
}
