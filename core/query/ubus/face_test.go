package ubus

import (
	"bufio"
	"encoding/json"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netifyd/core/query"
	"netifyd/core/query/querytest"
)

// bus is ubusd as far as a publisher meets it. The messages are those that the
// real one sends.
type bus struct {
	t    *testing.T
	l    net.Listener
	conn net.Conn
	r    *bufio.Reader
}

func newBus(t *testing.T, path string) *bus {
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	return &bus{t: t, l: l}
}

func (b *bus) send(m message) {
	if _, err := b.conn.Write(m.append(nil)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bus) next() message {
	b.t.Helper()
	_ = b.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	m, _, err := read(b.r, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

// welcome takes a connection and says hello; it gives what was published.
func (b *bus) welcome() (path string, methods []byte) {
	b.t.Helper()
	var err error
	if b.conn, err = b.l.Accept(); err != nil {
		b.t.Fatal(err)
	}
	b.r = bufio.NewReader(b.conn)
	b.send(message{kind: msgHello, peer: 0x1234})
	m := b.next()
	if m.kind != msgAddObject {
		b.t.Fatalf("message %d in place of add_object", m.kind)
	}
	_ = m.attributes(func(x *blob) {
		switch x.id {
		case attrObjPath:
			path = x.text()
		case attrSignature:
			methods, _ = readJSON(nil, x.data)
		}
	})
	b.send(message{kind: msgData, seq: m.seq, peer: 0x1234, data: appendNumber(appendNumber(nil, attrObjID, 77), attrStatus, 0)})
	b.send(message{kind: msgStatus, seq: m.seq, peer: 0x1234, data: appendNumber(nil, attrStatus, 0)})
	return path, methods
}

// call invokes a method and gives the data and the status of the answer.
func (b *bus) call(method, args, user string) (data []byte, code uint32) {
	b.t.Helper()
	d := appendText(appendNumber(nil, attrObjID, 77), attrMethod, method)
	if user != "" {
		d = appendText(d, attrUser, user)
	}
	d, start := begin(d, attrData)
	d, err := appendJSON(d, []byte(args))
	if err != nil {
		b.t.Fatal(err)
	}
	b.send(message{kind: msgInvoke, seq: 42, peer: 0x99, data: end(d, start)})
	for {
		m := b.next()
		if m.kind == msgNotify {
			continue // a tick that was under way
		}
		if m.seq != 42 || m.peer != 0x99 {
			b.t.Fatalf("answer to %d of %#x", m.seq, m.peer)
		}
		if m.kind == msgStatus {
			code, _ = m.status()
			return data, code
		}
		_ = m.attributes(func(x *blob) {
			if x.id == attrData {
				if data, err = readJSON(nil, x.data); err != nil {
					b.t.Error(err)
				}
			}
		})
	}
}

// notification reads what subscribers are told.
func (b *bus) notification() (method, data string) {
	b.t.Helper()
	m := b.next()
	if m.kind != msgNotify || m.peer != 77 {
		b.t.Fatalf("message %d to %d in place of a notification", m.kind, m.peer)
	}
	_ = m.attributes(func(x *blob) {
		switch x.id {
		case attrMethod:
			method = x.text()
		case attrData:
			text, err := readJSON(nil, x.data)
			if err != nil {
				b.t.Error(err)
			}
			data = string(text)
		}
	})
	return method, data
}

func TestFace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ubus.sock")
	b := newBus(t, path)
	defer b.l.Close()
	notices := make(chan string, 16)
	f := Serve(path, query.New(querytest.House()), func(s string) { notices <- s })
	defer f.Close()

	object, methods := b.welcome()
	if object != Object {
		t.Errorf("object %q", object)
	}
	var signature map[string]map[string]int
	if err := json.Unmarshal(methods, &signature); err != nil || signature["flows"]["limit"] != typeInt32 || signature["flows"]["filter"] != typeString {
		t.Errorf("signature %s, %v", methods, err)
	}
	if len(signature) != len(query.Methods()) {
		t.Errorf("%d methods published, want %d", len(signature), len(query.Methods()))
	}
	data, code := b.call("flows", `{"limit":1,"sort":"bytes"}`, "")
	var list struct{ Rows [][]any }
	if err := json.Unmarshal(data, &list); err != nil || code != 0 || len(list.Rows) != 1 {
		t.Errorf("flows: %s, status %d, %v", data, code, err)
	}
	if data, code := b.call("flows", `{"limt":1}`, ""); code != 0 || !strings.Contains(string(data), "no argument") {
		t.Errorf("a wrong argument: %s, status %d", data, code)
	}
	if _, code := b.call("nosuch", `{}`, ""); code != statusNoMethod {
		t.Errorf("an unknown method: status %d", code)
	}

	// Notifications go out only while somebody listens.
	if f.Subscribed() {
		t.Error("somebody listens, and nobody subscribed")
	}
	d, start := begin(appendNumber(nil, attrObjID, 77), attrActive)
	b.send(message{kind: msgNotify, data: end(append(d, 1), start)})
	for deadline := time.Now().Add(20 * time.Second); !f.Subscribed(); {
		if time.Now().After(deadline) {
			t.Fatal("the subscription was not noticed")
		}
		time.Sleep(time.Millisecond)
	}
	f.Tell("alert", []byte(`{"alert":"device_new"}`))
	if method, data := b.notification(); method != "alert" || data != `{"alert":"device_new"}` {
		t.Errorf("told %s %s", method, data)
	}
	for range 2 { // they come by themselves, again and again
		if method, data := b.notification(); method != "tick" || !strings.HasPrefix(data, `{"t":1000,`) || !strings.Contains(data, `"flows":3`) {
			t.Errorf("told %s %s", method, data)
		}
	}
	d, start = begin(appendNumber(nil, attrObjID, 77), attrActive)
	b.send(message{kind: msgNotify, data: end(append(d, 0), start)})
	if data, code := b.call("methods", `{}`, ""); code != 0 || f.Subscribed() {
		t.Errorf("after the last subscriber left: subscribed %v, %s", f.Subscribed(), data)
	}
	f.Tell("alert", []byte(`{}`)) // nobody hears it

	// The bus restarts: the object is there again.
	b.conn.Close()
	if object, _ := b.welcome(); object != Object {
		t.Error("not published again")
	}
	if _, code := b.call("methods", `{}`, ""); code != 0 {
		t.Errorf("after the restart: status %d", code)
	}
}

// A bus that refuses is told of once, with the remedy.
func TestRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ubus.sock")
	b := newBus(t, path)
	defer b.l.Close()
	notices := make(chan string, 16)
	f := Serve(path, query.New(querytest.House()), func(s string) { notices <- s })
	defer f.Close()
	for range 2 {
		var err error
		if b.conn, err = b.l.Accept(); err != nil {
			t.Fatal(err)
		}
		b.r = bufio.NewReader(b.conn)
		b.send(message{kind: msgHello, peer: 1})
		m := b.next()
		b.send(message{kind: msgStatus, seq: m.seq, data: appendNumber(nil, attrStatus, 2)})
	}
	if s := <-notices; !strings.Contains(s, "acl.d") {
		t.Errorf("notice %q", s)
	}
	if len(notices) != 0 {
		t.Errorf("told again: %q", <-notices)
	}
}
