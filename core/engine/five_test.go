package engine

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netifyd/core"
	"netifyd/core/config"
	"netifyd/core/event"
	"netifyd/core/event/eventtest"
	"netifyd/core/expr"
	"netifyd/core/sink"
	"netifyd/detect/app"
)

// collector reads dialect 5 by the rules of the programs that collect flows: a
// key is a digest; flow_dpi_complete replaces what is known, so a second one
// would wipe sums; flow_stats adds; what comes before flow_dpi_complete is lost.
type collector struct {
	flows map[string]*collected
	kinds map[string]int
	ended int
}

type collected struct{ bytes, packets float64 }

func newCollector() *collector {
	return &collector{flows: map[string]*collected{}, kinds: map[string]int{}}
}

// take reads one line and says what is wrong with it.
func (c *collector) take(line []byte) error {
	var e struct {
		Type, Reason string
		Flow         map[string]any
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return err
	}
	if err := eventtest.Validate(line); err != nil {
		return err
	}
	c.kinds[e.Type]++
	if e.Flow == nil {
		return nil
	}
	digest := e.Flow["digest"].(string)
	if prev := e.Flow["digest_prev"].([]any); len(prev) == 0 {
		return fmt.Errorf("%s: digest_prev is empty", e.Type)
	}
	number := func(name string) float64 { return e.Flow[name].(float64) }
	f := c.flows[digest]
	switch e.Type {
	case "flow", "flow_dpi_update":
		return nil
	case "flow_dpi_complete":
		if f != nil {
			return fmt.Errorf("a second flow_dpi_complete of %s", digest)
		}
		f = &collected{}
		c.flows[digest] = f
	}
	if f == nil {
		return fmt.Errorf("%s of %s before its flow_dpi_complete", e.Type, digest)
	}
	f.bytes += number("local_bytes") + number("other_bytes")
	f.packets += number("local_packets") + number("other_packets")
	if e.Type != "flow_purge" {
		return nil
	}
	c.ended++
	delete(c.flows, digest)
	if f.bytes != number("total_bytes") || f.packets != number("total_packets") {
		return fmt.Errorf("%s: %v bytes and %v packets were reported, %v and %v in all", digest, f.bytes, f.packets, number("total_bytes"), number("total_packets"))
	}
	return nil
}

// read takes every line, and holds that every flow has ended.
func (c *collector) read(t *testing.T, name string, text []byte) {
	t.Helper()
	for l := range bytes.Lines(text) {
		if err := c.take(l); err != nil {
			t.Errorf("%s: %v in %s", name, err, l)
		}
	}
	for digest := range c.flows {
		t.Errorf("%s: flow %s has no flow_purge", name, digest)
	}
}

func allCaptures(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../testdata/*.pcap")
	if err != nil || len(files) == 0 {
		t.Fatalf("no captures: %v", err)
	}
	return files
}

func replayIn(t *testing.T, d event.Dialect, path string, change func(*config.Config)) []byte {
	t.Helper()
	c := config.Default()
	c.MaxFlows = 512
	if change != nil {
		change(c)
	}
	var out bytes.Buffer
	w := sink.NewWriter(&out, d)
	if _, err := Replay(c, app.Default(), path, filepath.Base(path), w); err != nil {
		t.Fatal(err)
	}
	w.Flush()
	return out.Bytes()
}

// In every capture each flow is called complete exactly once, before its
// counters, and the reports add up to what it carried. An interval of a second
// brings flow_stats into short captures too.
func TestFiveAddsUp(t *testing.T) {
	kinds := map[string]int{}
	for _, path := range allCaptures(t) {
		c := newCollector()
		c.read(t, path, replayIn(t, event.V5, path, func(c *config.Config) { c.UpdateInterval = time.Second }))
		for k, n := range c.kinds {
			kinds[k] += n
		}
	}
	if kinds["flow_dpi_complete"] != kinds["flow_purge"] || kinds["flow_purge"] < 400 || kinds["flow_stats"] < 20 {
		t.Errorf("%v", kinds)
	}
}

// Every line of every capture is as the schema has it, in the older dialects too.
func TestEveryDialectFitsItsSchema(t *testing.T) {
	for _, path := range allCaptures(t) {
		for _, d := range []event.Dialect{event.V3, event.V4} {
			for l := range bytes.Lines(replayIn(t, d, path, func(c *config.Config) { c.NamedCounters = d == event.V3 })) {
				if err := eventtest.Validate(l); err != nil {
					t.Fatalf("%s, dialect %v: %v in %s", path, d, err, l)
				}
			}
		}
	}
}

// newFive is a world whose lines are of dialect 5.
func newFive(t *testing.T, change func(*config.Config)) *world {
	w := newWorld(t, change)
	w.out = sink.NewWriter(&w.lines, event.V5)
	w.shard.out = w.out
	return w
}

// course is the kinds of lines so far, with the protocol and the packets by side that they tell.
func (w *world) course() string {
	var b strings.Builder
	for _, l := range w.events() {
		fmt.Fprintf(&b, "%s %v %v+%v; ", l.Type, l.Flow["detected_protocol_name"], l.Flow["local_packets"], l.Flow["other_packets"])
	}
	return b.String()
}

func TestFiveCourse(t *testing.T) {
	w := newFive(t, nil)
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	c.up(request)
	c.down("HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 0\r\n\r\n")
	if got, want := w.course(), "flow HTTP 2+1; flow_dpi_complete HTTP 2+2; "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	w.wait(20 * time.Second) // no packets since the report
	if got := w.course(); got != "" {
		t.Errorf("%s without traffic", got)
	}
	c.up(request)
	w.wait(20 * time.Second)
	if got, want := w.course(), "flow_stats HTTP 1+0; "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	c.close()
	w.wait(20 * time.Second)
	if got, want := w.course(), "flow_stats HTTP 1+1; flow_purge HTTP 0+0; "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A flow that stays undecided is called complete once its interval has passed; what is found later is an update.
func TestFiveCompleteIsEarly(t *testing.T) {
	w := newFive(t, nil)
	w.wait(14 * time.Second)
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	c.up("GE")
	w.wait(5 * time.Second)
	if got := w.course(); got != "" {
		t.Errorf("%s of a flow of five seconds", got)
	}
	w.wait(15 * time.Second)
	if got, want := w.course(), "flow_dpi_complete Unknown 2+1; "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	c.up(request[2:])
	c.down("HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 0\r\n\r\n")
	if got := w.course(); !strings.HasPrefix(got, "flow_dpi_update HTTP ") || strings.Contains(got, "complete") {
		t.Errorf("%s", got)
	}
	w.wait(16 * time.Second)
	if got, want := w.course(), "flow_stats HTTP 1+1; "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Where flows without a protocol are not wanted, none of their lines is told.
func TestFiveWithoutUnknown(t *testing.T) {
	w := newFive(t, func(c *config.Config) { c.UnknownFlows = false })
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 39999)
	c.up("\x00\x01")
	c.down("\x02\x03")
	w.wait(400 * time.Second)
	if got := w.course(); got != "" {
		t.Errorf("%s", got)
	}
}

// The first packet of each side says what class of service it asked for (RFC 4594: a control channel CS6).
func TestFiveDSCP(t *testing.T) {
	out := string(replayIn(t, event.V5, "../../testdata/bgp.pcap", nil))
	if !strings.Contains(out, `"ip_dscp":48`) || !strings.Contains(out, `"other_dscp":48`) {
		t.Errorf("no class of service in %.600s", out)
	}
}

// A client that comes late is called each flow complete that was complete
// before, and no flow twice; a filter chooses among them too.
func TestFiveLateClient(t *testing.T) {
	w := newWorld(t, nil)
	fan := sink.NewFanout(sink.Options{Clients: 2, Queue: sink.MinQueue, Compile: func(text string) (*expr.Program, error) {
		return expr.Compile(text, app.Default().CategoryID)
	}})
	defer fan.Close(0)
	w.shard.out = fan.Port()
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	c.up(request)
	c.down("HTTP/1.1 200 OK\r\nServer: s\r\nContent-Length: 0\r\n\r\n") // complete
	other := w.dial("192.168.1.8", 40000, "198.51.100.1", 8080)
	other.up(request)
	other.down("HTTP/1.1 200 OK\r\nServer: s\r\nContent-Length: 0\r\n\r\n")
	open := w.dial("192.168.1.7", 40001, "198.51.100.1", 8080)
	open.up(request) // told of, not complete
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	fan.Serve(sink.Door{Listener: ln, Dialect: event.V5})
	client, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	fmt.Fprintln(client, `{"filter":"local_ip == 192.168.1.7"}`)
	<-fan.First()
	w.shard.serve()
	open.down("HTTP/1.1 200 OK\r\nServer: s\r\nContent-Length: 0\r\n\r\n")
	w.shard.serve()
	c.up(request)
	w.wait(400 * time.Second)
	if err := client.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	in := bufio.NewScanner(client)
	for got["flow_purge"] < 2 && in.Scan() {
		line := append(in.Bytes(), '\n')
		if err := eventtest.Validate(line); err != nil {
			t.Errorf("%v in %s", err, line)
		}
		e := parse(t, string(line))[0]
		got[e.Type]++
		if e.Flow["local_ip"] != "192.168.1.7" {
			t.Errorf("the filter let through %s", line)
		}
		if e.Type == "flow_dpi_complete" && e.Flow["local_port"] == 40000.0 && (e.Flow["local_packets"] != 0.0 || e.Flow["total_packets"] == 0.0) {
			t.Errorf("what was before is counted again: %s", line)
		}
	}
	if got["flow_dpi_complete"] != 2 || got["flow_purge"] != 2 || got["flow"] != 1 {
		t.Errorf("%v", got)
	}
}

// picky wants some kinds of dialect 5, and counts what it is given.
type picky struct {
	silent
	kinds map[core.Kind]bool
	given map[core.Kind]int
}

func (p *picky) Dialects() event.Dialects { return event.Dialects(0).With(event.V5) }
func (p *picky) Wants(d event.Dialect, k core.Kind) bool {
	return d == event.V5 && p.kinds[k]
}
func (p *picky) Offer(_ event.Dialect, k core.Kind, _ core.Rank, _ []byte) bool {
	p.given[k]++
	return true
}

// What nobody asked for is not made.
func TestNothingIsEncodedForNobody(t *testing.T) {
	w := newFive(t, nil)
	p := &picky{kinds: map[core.Kind]bool{core.KindFlowPurge: true}, given: map[core.Kind]int{}}
	w.shard.out = p
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	w.shard.lines.line = append(w.shard.lines.line[:0], "untouched"...)
	c.up(request)
	c.down("HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 0\r\n\r\n")
	w.wait(20 * time.Second)
	if got := string(w.shard.lines.line); got != "untouched" {
		t.Errorf("a line was made for nobody: %s", got)
	}
	c.close()
	w.wait(20 * time.Second)
	if len(p.given) != 1 || p.given[core.KindFlowPurge] != 1 {
		t.Errorf("%v", p.given)
	}
}
