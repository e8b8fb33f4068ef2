package faults

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// agent is a stand-in with a stream of flows and a history of usage, which both
// grow while it is told to.
type agent struct {
	t               *testing.T
	stream, control string
	conn            net.Conn
	flows           int

	mu    sync.Mutex
	usage map[cell]uint64 // bytes
}

type cell struct {
	start         int64
	device, label string
}

func newAgent(t *testing.T) *agent {
	dir := t.TempDir()
	a := &agent{t: t, stream: filepath.Join(dir, "s"), control: filepath.Join(dir, "c"), usage: map[cell]uint64{}}
	l, err := net.Listen("unix", a.control)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go a.answer(conn)
		}
	}()
	return a
}

// accept waits for the relay.
func (a *agent) accept() func() {
	l, err := net.Listen("unix", a.stream)
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { l.Close() })
	return func() {
		if a.conn, err = l.Accept(); err != nil {
			a.t.Fatal(err)
		}
		if _, err := bufio.NewReader(a.conn).ReadString('\n'); err != nil {
			a.t.Fatal(err)
		}
		a.t.Cleanup(func() { a.conn.Close() })
	}
}

// tell tells of so many flows, each with its record and its end, and adds their
// bytes to the usage of this hour.
func (a *agent) tell(flows int) {
	var text []byte
	hour := time.Now().Unix()
	hour -= hour % 3600
	a.mu.Lock()
	defer a.mu.Unlock()
	for range flows {
		text = fmt.Appendf(text, `{"flow":{"detected_application_name":"netify.netflix","digest":"%040x","host_server_name":"art-%d.example","local_ip":"192.168.1.7","local_mac":"02:00:00:00:00:07","other_ip":"203.0.113.9","other_port":443,"tags":[]},"interface":"lan","internal":true,"type":"flow_dpi_complete"}`+"\n", a.flows, a.flows%500)
		text = fmt.Appendf(text, `{"flow":{"digest":"%040x","local_bytes":1234,"other_bytes":45678,"total_bytes":46912,"total_packets":52},"interface":"lan","internal":true,"reason":"closed","type":"flow_purge"}`+"\n", a.flows)
		a.usage[cell{hour, fmt.Sprintf("02:00:00:00:00:%02x", a.flows%20), fmt.Sprintf("netify.app%d", a.flows%7)}] += 46912
		a.flows++
	}
	if _, err := a.conn.Write(text); err != nil {
		a.t.Error(err)
	}
}

func (a *agent) answer(conn net.Conn) {
	defer conn.Close()
	for r := bufio.NewScanner(conn); r.Scan(); {
		var q struct {
			Method string
			Args   struct {
				Step                       string
				From, Count, Offset, Limit int64
				Local                      bool
			}
		}
		_ = json.Unmarshal(r.Bytes(), &q)
		var reply any = map[string]any{"now": time.Now().Unix(), "uuid": "uu-id", "started": 7}
		if q.Method == "usage" {
			step := map[string]int64{"hour": 3600, "day": 86400}[q.Args.Step]
			from := q.Args.From - q.Args.From%step
			to := from + max(1, q.Args.Count)*step
			rows := [][]any{}
			a.mu.Lock()
			for c, n := range a.usage {
				if c.start >= from && c.start < to && !q.Args.Local {
					rows = append(rows, []any{c.start, c.device, "", c.label, n, 0, 1})
				}
			}
			a.mu.Unlock()
			reply = map[string]any{"now": time.Now().Unix(), "from": from, "to": to, "columns": []string{"start", "device", "name", "application", "down", "up", "flows"}, "rows": rows, "total": len(rows)}
		}
		text, _ := json.Marshal(reply)
		if _, err := conn.Write(append(text, '\n')); err != nil {
			return
		}
	}
}

// used is the history as it stands.
func (a *agent) used() map[cell]uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := map[cell]uint64{}
	for c, n := range a.usage {
		all[c] = n
	}
	return all
}
