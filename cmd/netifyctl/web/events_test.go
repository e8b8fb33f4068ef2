package web

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// ear listens to the events of a server.
type ear struct {
	t     *testing.T
	lines *bufio.Scanner
	stop  func()
}

func listenTo(t *testing.T, b *browser) *ear {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	r, _ := http.NewRequestWithContext(ctx, "GET", b.base+"/events", nil)
	reply, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if kind := reply.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatal(reply.Status, kind)
	}
	stop := func() { cancel(); reply.Body.Close() }
	t.Cleanup(stop)
	return &ear{t, bufio.NewScanner(reply.Body), stop}
}

// next gives the data of the next event of a kind; others pass.
func (e *ear) next(kind string) map[string]any {
	e.t.Helper()
	for is := false; e.lines.Scan(); {
		line := e.lines.Text()
		if is {
			data := map[string]any{}
			if err := json.Unmarshal([]byte(strings.TrimPrefix(line, "data: ")), &data); err != nil {
				e.t.Fatal(line, err)
			}
			return data
		}
		is = line == "event: "+kind
	}
	e.t.Fatalf("no event %s: %v", kind, e.lines.Err())
	return nil
}

// listening serves with events at a hundred times the speed.
func listening(t *testing.T, agent *standin) *browser {
	o, err := parse([]string{"--listen", "127.0.0.1:0", "--control", agent.path})
	if err != nil {
		t.Fatal(err)
	}
	o.refresh, o.heartbeat = 20*time.Millisecond, 10*time.Millisecond
	return begun(t, o)
}

// world is what the stand-in of an agent tells, changed while it runs.
type world struct {
	sync.Mutex
	alerts  int
	devices []string // address=name
}

func (w *world) reply(method string, args map[string]any) string {
	w.Lock()
	defer w.Unlock()
	switch method {
	case "overview":
		return fmt.Sprintf(`{"now":7,"newest":5,"wan":{"down":[3,1000],"up":[4,7]},"words":{"devices":2,"flows":9,"lost":1},"alerts":%d,"devices":{"columns":["id","down_rate","up_rate"],"rows":[[5,900,7],[6,0,0]]},`+
			`"applications":{"columns":["application","protocol","down_rate","up_rate"],"rows":[[133,0,800,1],[0,188,100,6]]}}`, w.alerts)
	case "alerts":
		rows := []string{}
		for n := int(args["since"].(float64)) + 1; n <= w.alerts && len(rows) < int(args["limit"].(float64)); n++ {
			rows = append(rows, fmt.Sprintf(`[%d,"device_new","%d"]`, n, n))
		}
		return `{"columns":["number","alert","device"],"rows":[` + strings.Join(rows, ",") + `]}`
	case "devices":
		rows := []string{}
		for _, d := range w.devices {
			device, name, _ := strings.Cut(d, "=")
			rows = append(rows, fmt.Sprintf(`["%s","%s"]`, device, name))
		}
		return fmt.Sprintf(`{"columns":["device","name"],"rows":[%s],"total":%d}`, strings.Join(rows, ","), len(rows))
	}
	return `{}`
}

func (w *world) change(fn func()) {
	w.Lock()
	defer w.Unlock()
	fn()
}

// rounds looks at an agent without waiting a second for each answer.
func rounds(agent *standin, told *[]string) *watch {
	o, _ := parse([]string{"--control", agent.path})
	s, err := newSite(o, true, 1)
	if err != nil {
		panic(err)
	}
	var now atomic.Int64
	s.agent.now = func() time.Time { return time.Unix(now.Add(10), 0) }
	return &watch{agent: s.agent, tell: func(kind string, data any) { *told = append(*told, kind+" "+asText(data)) }}
}

// A browser that opens the events and never reads holds a place for some minutes, not for ever.
func TestAListenerThatNeverReads(t *testing.T) {
	agent := newStandin(t)
	agent.say((&world{}).reply)
	o, err := parse([]string{"--listen", "127.0.0.1:0", "--control", agent.path})
	if err != nil {
		t.Fatal(err)
	}
	o.refresh, o.heartbeat, o.hangs = 100*time.Microsecond, time.Second, 50*time.Millisecond
	b := begun(t, o)
	address := strings.TrimPrefix(b.base, "http://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	fmt.Fprintf(conn, "GET /events HTTP/1.1\r\nHost: %s\r\n\r\n", address)
	// The agent is asked as long as anybody listens, once a second.
	for asked, end := int32(-1), time.Now().Add(25*time.Second); asked != agent.asked.Load(); time.Sleep(2500 * time.Millisecond) {
		if asked = agent.asked.Load(); time.Now().After(end) {
			t.Fatal("it is still told what it does not read")
		}
	}
	if agent.asked.Load() == 0 {
		t.Fatal("nobody has listened")
	}
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	if n, _ := io.Copy(io.Discard, conn); n == 0 || n > 8<<20 {
		t.Errorf("%d bytes waited for it", n)
	}
}

func TestEvents(t *testing.T) {
	agent := newStandin(t)
	w := &world{alerts: 3, devices: []string{"a=tv", "b="}}
	agent.say(w.reply)
	var told []string
	watch := rounds(agent, &told)
	heard := func(n int) string {
		for range n {
			watch.round(t.Context())
		}
		list := slices.DeleteFunc(told, func(text string) bool { return strings.HasPrefix(text, "tick") })
		told = nil
		return strings.Join(list, "\n")
	}
	watch.round(t.Context())
	if text := told[0]; text != `tick {"t":7,"newest":5,"wan":[1000,7],"devices":[[5,900,7]],"apps":[[133,800,1],[2147483836,100,6]],"flows":9,"lost":1,"online":2,"alerts":3}` {
		t.Error(text)
	}
	if text := heard(20); text != "" {
		t.Errorf("nothing happened, and it tells %s", text)
	}
	w.change(func() { w.alerts = 5 })
	if text := heard(3); text != `alert {"alert":"device_new","device":"4","number":4}`+"\n"+`alert {"alert":"device_new","device":"5","number":5}` {
		t.Errorf("two alerts: %s", text)
	}
	w.change(func() { w.devices = []string{"a=television", "c=phone"} })
	text := heard(deviceTicks)
	for _, want := range []string{`{"event":"named","device":"a","name":"television"}`, `{"event":"gone","device":"b","name":""}`, `{"event":"new","device":"c","name":"phone"}`} {
		if !strings.Contains(text, "device "+want) || strings.Count(text, "\n") != 2 {
			t.Errorf("no %s in %s", want, text)
		}
	}
	agent.stop()
	if text := heard(3); !strings.Contains(text, `agent {"error":`) || !strings.Contains(text, `"away":"stopped"`) || strings.Contains(text, "\n") {
		t.Errorf("it stopped: %s", text)
	}
	w.change(func() { w.alerts = 1 }) // it counts anew
	agent.start(t)
	if text := heard(3); text != `agent {"error":""}` {
		t.Errorf("it is back: %s", text)
	}
	w.change(func() { w.alerts = 2 })
	if text := heard(1); !strings.Contains(text, `"number":2`) {
		t.Errorf("an alert of the new one: %s", text)
	}
	w.change(func() {
		w.alerts = 100
		for i := range 100 {
			w.devices = append(w.devices, fmt.Sprint("x", i))
		}
	})
	if n := strings.Count(heard(deviceTicks), "device {"); n > queue/2 {
		t.Errorf("%d devices are told at a time", n)
	}
}

// Events reach those who listen, and nobody asks the agent when nobody does.
func TestListeners(t *testing.T) {
	agent := newStandin(t)
	w := &world{}
	agent.say(w.reply)
	b := listening(t, agent)
	one, two := listenTo(t, b), listenTo(t, b)
	for _, e := range []*ear{one, two} {
		if x := e.next("tick"); x["flows"] != 9.0 {
			t.Error(x)
		}
	}
	agent.stop()
	if x := one.next("agent"); x["away"] != "stopped" {
		t.Error(x)
	}
	agent.start(t)
	if x := one.next("agent"); x["away"] != nil {
		t.Error(x)
	}
	one.stop()
	two.next("tick")
	two.stop()
	n := agent.asked.Load()
	for range 100 { // until the round that is under way is the last
		time.Sleep(20 * time.Millisecond)
		if m := agent.asked.Load(); m == n {
			return
		} else {
			n = m
		}
	}
	t.Error("it asks on while nobody listens")
}

func TestListenersAreFew(t *testing.T) {
	e := newEvents(newStandinSite(t).agent, time.Hour, time.Hour, hangs)
	var all []chan []byte
	for range maxListeners {
		c := e.join(t.Context())
		if c == nil {
			t.Fatal("refused too early")
		}
		all = append(all, c)
	}
	if e.join(t.Context()) != nil {
		t.Error("one too many")
	}
	for range queue + 1 { // nobody reads
		e.tell("tick", nil)
	}
	for _, c := range all {
		for range queue {
			<-c
		}
		if _, ok := <-c; ok {
			t.Error("who does not read is kept")
		}
	}
	if e.join(t.Context()) == nil {
		t.Error("no place after they went")
	}
}

func newStandinSite(t *testing.T) *site {
	o, _ := parse([]string{"--control", newStandin(t).path})
	s, err := newSite(o, true, 1)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
