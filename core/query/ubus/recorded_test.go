package ubus

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netifyd/core/query"
	"netifyd/core/query/querytest"
)

// testdata/ubusd.bin is all that ubusd of OpenWrt (openwrt/ubus at 3cc98db) said
// to an agent that published its object: hello, the answer to that, calls of
// flows with {"limit":1,"sort":"bytes"}, of nosuch, and of flows with
// {"limt":1} by the program ubus, and a subscriber that comes and goes.
func TestRecorded(t *testing.T) {
	said, err := os.ReadFile("testdata/ubusd.bin")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ubus.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	f := Serve(path, query.New(querytest.House()), func(string) {})
	defer f.Close()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	r := bufio.NewReader(conn)
	if _, err := conn.Write(said); err != nil {
		t.Fatal(err)
	}
	m, _, err := read(r, nil)
	if err != nil || m.kind != msgAddObject {
		t.Fatalf("message %d, %v in place of add_object", m.kind, err)
	}
	// Each call has its answer, to the caller's number and in its order.
	for calls := bytes.NewReader(said); ; {
		call, _, err := read(calls, nil)
		if err != nil {
			break
		}
		if call.kind != msgInvoke {
			continue
		}
		method := ""
		_ = call.attributes(func(x *blob) {
			if x.id == attrMethod {
				method = x.text()
			}
		})
		data, code := "", uint32(0)
		for done := false; !done; {
			m, _, err := read(r, nil)
			if err != nil {
				t.Fatalf("%s: %v", method, err)
			}
			if m.kind == msgNotify {
				continue
			}
			if m.seq != call.seq || m.peer != call.peer {
				t.Fatalf("%s: answer %d to %#x, want %d to %#x", method, m.seq, m.peer, call.seq, call.peer)
			}
			if done = m.kind == msgStatus; done {
				code, _ = m.status()
			}
			_ = m.attributes(func(x *blob) {
				if x.id == attrData {
					text, _ := readJSON(nil, x.data)
					data = string(text)
				}
			})
		}
		t.Logf("%s: status %d, %.60s", method, code, data)
		switch {
		case method == "nosuch" && code != statusNoMethod, method == "flows" && (code != 0 || !json.Valid([]byte(data)) || !strings.Contains(data, `"rows"`) && !strings.Contains(data, "no argument")):
			t.Errorf("%s: status %d, %s", method, code, data)
		}
	}
}
