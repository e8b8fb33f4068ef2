package mqtt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/cmd/netifyctl/relay/output/mqtt/mqtttest"
)

func TestMain(m *testing.M) {
	firstPause = 10 * time.Millisecond
	os.Exit(m.Run())
}

// server is what tests want of a broker.
type server interface {
	Address() string
	Kill()
}

// brokers runs a test with each broker and each version.
func brokers(t *testing.T, f func(t *testing.T, s server, again func(), c Settings)) {
	for _, version := range []string{"3.1.1", "5"} {
		t.Run("stand-in "+version, func(t *testing.T) {
			s := mqtttest.NewStandIn(t, "127.0.0.1:0")
			f(t, s, func() { mqtttest.NewStandIn(t, s.Address()) }, Settings{Broker: Broker{URL: "mqtt://" + s.Address(), Version: version}})
		})
		t.Run("mosquitto "+version, func(t *testing.T) {
			m := mqtttest.NewMosquitto(t, "allow_anonymous true\n")
			f(t, m, func() {
				if !m.Start() {
					t.Fatal("mosquitto does not start again")
				}
			}, Settings{Broker: Broker{URL: "mqtt://" + m.Address(), Version: version}})
		})
	}
}

const agent = "0a-1b-2c-3d"

func newOutput(t *testing.T, c Settings) *Output {
	t.Helper()
	o, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	return o
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func events(n int) *output.Batch {
	b := &output.Batch{Agent: agent, Kind: "flow"}
	for i := range n {
		b.Lines = append(b.Lines, fmt.Appendf(nil, `{"type":"flow","n":%d}`, i))
	}
	return b
}

func TestLines(t *testing.T) {
	brokers(t, func(t *testing.T, s server, _ func(), c Settings) {
		got := mqtttest.Subscribe(t, s.Address(), "#")
		o := newOutput(t, c)
		if err := o.Send(within(t), events(1000)); err != nil {
			t.Fatal(err)
		}
		for i := range 1000 {
			want := fmt.Sprintf(`{"type":"flow","n":%d}`, i)
			if m := mqtttest.Next(t, got, "netifyd/v1/"+agent+"/flow"); m.Payload != want || m.Retain {
				t.Fatalf("message %d: %+v", i, m)
			}
		}
	})
}

func TestRowsAreOneMessage(t *testing.T) {
	brokers(t, func(t *testing.T, s server, _ func(), c Settings) {
		got := mqtttest.Subscribe(t, s.Address(), "#")
		o := newOutput(t, c)
		b := &output.Batch{Agent: agent, Kind: "usage", Epoch: 17, Seq: 4, Lost: 3, Columns: []string{"start", "down"}, Lines: [][]byte{[]byte("[1,2]"), []byte("[3,4]")}}
		if err := o.Send(within(t), b); err != nil {
			t.Fatal(err)
		}
		head, rows, _ := strings.Cut(mqtttest.Next(t, got, "netifyd/v1/"+agent+"/usage").Payload, "\n")
		if rows != "[1,2]\n[3,4]\n" {
			t.Errorf("rows %q", rows)
		}
		var e struct {
			Agent                           string
			Epoch, Seq, Lost, Count, Schema int
			Kind                            string
			Columns                         []string
			Sent                            int64
		}
		if err := json.Unmarshal([]byte(head), &e); err != nil {
			t.Fatal(err)
		}
		if e.Agent != agent || e.Epoch != 17 || e.Seq != 4 || e.Lost != 3 || e.Count != 2 || e.Schema != 1 || e.Kind != "usage" || len(e.Columns) != 2 || e.Sent == 0 {
			t.Errorf("envelope %s", head)
		}
	})
}

// The status is there for those who come later, says that we are gone when the
// connection ends without a word, and is right again without a Send.
func TestStatusAndWill(t *testing.T) {
	brokers(t, func(t *testing.T, s server, _ func(), c Settings) {
		topic := "netifyd/v1/" + agent + "/status"
		o := newOutput(t, c)
		if err := o.Send(within(t), events(1)); err != nil {
			t.Fatal(err)
		}
		got := mqtttest.Subscribe(t, s.Address(), "#")
		if m := mqtttest.Next(t, got, topic); m.Payload != `{"online":true}` || !m.Retain {
			t.Fatalf("at the beginning: %+v", m)
		}
		status := &output.Batch{Agent: agent, Kind: "status", Lines: [][]byte{[]byte(`{"flows":7}`)}}
		if err := o.Send(within(t), status); err != nil {
			t.Fatal(err)
		}
		if m := mqtttest.Next(t, got, topic); m.Payload != `{"online":true,"flows":7}` {
			t.Fatalf("status: %+v", m)
		}
		o.client.take(within(t))
		var w *wire
		switch l := o.client.link.(type) {
		case *three:
			w = l.wire
		case *five:
			w = l.wire
		}
		o.client.give()
		w.Conn.Close()
		if m := mqtttest.Next(t, got, topic); m.Payload != `{"online":false}` {
			t.Fatalf("last will: %+v", m)
		}
		if m := mqtttest.Next(t, got, topic); m.Payload != `{"online":true,"flows":7}` {
			t.Fatalf("after it: %+v", m)
		}
		o.Close()
		if m := mqtttest.Next(t, got, topic); m.Payload != `{"online":false}` {
			t.Fatalf("goodbye: %+v", m)
		}
	})
}

// Whether the broker is there is known without another Send.
func TestAlive(t *testing.T) {
	brokers(t, func(t *testing.T, s server, again func(), c Settings) {
		o := newOutput(t, c)
		var _ output.Living = o
		if err := o.Alive(); err != nil {
			t.Fatal("before the first batch:", err)
		}
		if err := o.Send(within(t), events(1)); err != nil || o.Alive() != nil {
			t.Fatal(err, o.Alive())
		}
		until := func(alive bool) {
			t.Helper()
			for late := time.Now().Add(20 * time.Second); (o.Alive() == nil) != alive; time.Sleep(time.Millisecond) {
				if time.Now().After(late) {
					t.Fatalf("alive %t: %v", !alive, o.Alive())
				}
			}
		}
		s.Kill()
		until(false)
		again()
		until(true)
	})
}

func TestBrokerAwayAndBack(t *testing.T) {
	brokers(t, func(t *testing.T, s server, again func(), c Settings) {
		o := newOutput(t, c)
		if err := o.Send(within(t), events(1)); err != nil {
			t.Fatal(err)
		}
		s.Kill()
		if err := o.Send(within(t), events(1)); err == nil {
			t.Fatal("delivered to a broker that is gone")
		}
		again()
		// It comes back of itself: the status is there without another Send.
		got := mqtttest.Subscribe(t, s.Address(), "#")
		if m := mqtttest.Next(t, got, "netifyd/v1/"+agent+"/status"); m.Payload != `{"online":true}` {
			t.Fatalf("%+v", m)
		}
		if err := o.Send(within(t), events(3)); err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			if m := mqtttest.Next(t, got, "netifyd/v1/"+agent+"/flow"); m.Payload != fmt.Sprintf(`{"type":"flow","n":%d}`, i) {
				t.Fatalf("%+v", m)
			}
		}
	})
}

func TestListens(t *testing.T) {
	brokers(t, func(t *testing.T, s server, _ func(), c Settings) {
		operator := newOutput(t, Settings{Broker: Broker{URL: c.URL, Version: c.Version}, StatusTopic: "none"})
		if err := operator.Send(within(t), &output.Batch{Agent: agent, Kind: "policy", Retain: true, Lines: [][]byte{[]byte(`{"flows":"final"}`)}}); err != nil {
			t.Fatal(err)
		}
		heard := make(chan string, 9)
		c.ClientID = "agent-%a"
		c.Listen = map[string]func([]byte){"netifyd/v1/%a/policy": func(b []byte) { heard <- string(b) }}
		o := newOutput(t, c)
		if err := o.Send(within(t), events(1)); err != nil {
			t.Fatal(err)
		}
		select {
		case p := <-heard:
			if p != `{"flows":"final"}` {
				t.Fatal(p)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("no policy came")
		}
	})
}

func zero() *int { return new(int) }

func TestQoS0(t *testing.T) {
	brokers(t, func(t *testing.T, s server, _ func(), c Settings) {
		got := mqtttest.Subscribe(t, s.Address(), "#")
		c.QoS, c.Topic = zero(), "netify/${uuid_agent}/${channel}"
		o := newOutput(t, c)
		if err := o.Send(within(t), events(50)); err != nil {
			t.Fatal(err)
		}
		for i := range 50 {
			if m := mqtttest.Next(t, got, "netify/"+agent+"/flow"); m.Payload != fmt.Sprintf(`{"type":"flow","n":%d}`, i) {
				t.Fatalf("%+v", m)
			}
		}
	})
}

// What a broker answers in MQTT 5, and what is made of it.
func TestAnswers(t *testing.T) {
	var later *output.Later
	var refused *output.Refused
	var person *output.Unauthorized
	for _, x := range []struct {
		connack, puback byte
		want            any
		words           string
	}{
		{0, 0x10, nil, ""}, // nobody reads it
		{0, 0x87, &person, "not authorized"},
		{0, 0x90, &refused, "topic name invalid"},
		{0, 0x99, &refused, "payload format invalid"},
		{0, 0x97, &later, "quota exceeded"},
		{0, 0x80, nil, "unspecified error"},
		{0x86, 0, &person, "bad user name"},
		{0x84, 0, &person, `version = "3.1.1"`},
		{0x88, 0, &later, "server unavailable"},
		{0x80, 0, nil, "unspecified error"},
	} {
		s := mqtttest.NewStandIn(t, "127.0.0.1:0")
		s.Connack, s.Puback = x.connack, x.puback
		o := newOutput(t, Settings{Broker: Broker{URL: "mqtt://" + s.Address()}, StatusTopic: "none"})
		err := o.Send(within(t), events(3))
		if x.words == "" {
			if err != nil {
				t.Errorf("0x%02x: %v", x.puback, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), x.words) || x.want != nil && !errors.As(err, x.want) || x.want == nil && refuses(err) {
			t.Errorf("0x%02x 0x%02x: %T %v", x.connack, x.puback, err, err)
		}
	}
}

// What a broker answers in MQTT 3.1.1.
func TestAnswers3(t *testing.T) {
	var later *output.Later
	var person *output.Unauthorized
	for code, want := range map[byte]any{1: nil, 2: &person, 3: &later, 4: &person, 5: &person} {
		s := mqtttest.NewStandIn(t, "127.0.0.1:0")
		s.Connack = code
		o := newOutput(t, Settings{Broker: Broker{URL: "mqtt://" + s.Address(), Version: "3.1.1"}})
		if err := o.Send(within(t), events(1)); err == nil || want != nil && !errors.As(err, want) || want == nil && refuses(err) {
			t.Errorf("%d: %T %v", code, err, err)
		}
	}
}

// A broker that takes and never acknowledges.
func TestNeverAcknowledged(t *testing.T) {
	for _, version := range []string{"3.1.1", "5"} {
		s := mqtttest.NewStandIn(t, "127.0.0.1:0")
		s.Hold = make(chan struct{})
		o := newOutput(t, Settings{Broker: Broker{URL: "mqtt://" + s.Address(), Version: version, Timeout: output.Duration(time.Second)}, StatusTopic: "none"})
		if err := o.Send(within(t), events(3)); err == nil || !strings.Contains(err.Error(), "within 1s") {
			t.Errorf("%s: %v", version, err)
		}
		s.Release()
		if err := o.Send(within(t), events(3)); err != nil {
			t.Errorf("%s: afterwards: %v", version, err)
		}
		o.Close()
	}
}

// A Send ends with its context, however long the broker takes.
func TestCancelled(t *testing.T) {
	for _, version := range []string{"3.1.1", "5"} {
		s := mqtttest.NewStandIn(t, "127.0.0.1:0")
		s.Hold = make(chan struct{})
		o := newOutput(t, Settings{Broker: Broker{URL: "mqtt://" + s.Address(), Version: version}, StatusTopic: "none"})
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() { done <- o.Send(ctx, events(1)) }()
		<-s.Posted
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", version, err)
		}
		close(s.Hold)
	}
}

// The broker says how many messages may wait, and how long they may be.
func TestLimitsOfTheBroker(t *testing.T) {
	s := mqtttest.NewStandIn(t, "127.0.0.1:0")
	s.Props = []byte{0x21, 0, 2, 0x27, 0, 0, 0, 100} // Receive Maximum 2, Maximum Packet Size 100
	s.Hold = make(chan struct{})
	o := newOutput(t, Settings{Broker: Broker{URL: "mqtt://" + s.Address()}, StatusTopic: "none"})
	done := make(chan error)
	go func() { done <- o.Send(within(t), events(3)) }()
	<-s.Posted
	<-s.Posted
	select {
	case <-s.Posted:
		t.Error("a third message before the first was acknowledged")
	case <-time.After(50 * time.Millisecond):
	}
	close(s.Hold)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	long := events(2)
	long.Lines[1] = []byte(strings.Repeat("x", 100))
	var refused *output.Refused
	long.Seq = 1
	if err := o.Send(within(t), long); !errors.As(err, &refused) || refused.Rows != 1 {
		t.Errorf("one of two lines: %v", err)
	}
	long.Seq, long.Lines, long.Columns = 2, [][]byte{[]byte("[1]"), []byte("[2]")}, []string{strings.Repeat("x", 100)}
	if err := o.Send(within(t), long); !errors.Is(err, output.ErrTooLarge) {
		t.Errorf("a batch in one message: %v", err)
	}
}

// Brokers that keep nothing, or acknowledge nothing, refuse a last will that they
// could not send, and end a connection on which they are asked to keep something.
func TestBrokerThatKeepsNothing(t *testing.T) {
	s := mqtttest.NewStandIn(t, "127.0.0.1:0")
	s.Props = []byte{0x25, 0, 0x24, 0} // Retain Available 0, Maximum QoS 0
	zero := 0
	o := newOutput(t, Settings{Broker: Broker{URL: "mqtt://" + s.Address(), QoS: &zero}, StatusTopic: "none", Retain: true})
	if err := o.Send(within(t), events(2)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if m := <-s.Posted; m.Retain {
			t.Errorf("it is asked to keep %v", m)
		}
	}
	for qos, want := range map[int]string{0: `status_topic = "none"`, 1: "qos = 0"} {
		o := newOutput(t, Settings{Broker: Broker{URL: "mqtt://" + s.Address(), QoS: &qos}})
		var person *output.Unauthorized
		if err := o.Send(within(t), events(1)); !errors.As(err, &person) || !strings.Contains(err.Error(), want) {
			t.Errorf("qos %d: %v, want a word of %s", qos, err, want)
		}
	}
}

func TestWithOnline(t *testing.T) {
	for line, want := range map[string]string{
		`{"a":1}`:          `{"online":true,"a":1}`,
		` {}`:              `{"online":true}`,
		`{"online":false}`: `{"online":false}`,
		`[1]`:              `[1]`,
		`nonsense`:         `nonsense`,
	} {
		if got := string(withOnline([]byte(line))); got != want {
			t.Errorf("%s: %s", line, got)
		}
	}
}

// Connections that come and go leave nothing behind.
func TestNoGoroutinesAreLeft(t *testing.T) {
	for _, version := range []string{"3.1.1", "5"} {
		s := mqtttest.NewStandIn(t, "127.0.0.1:0")
		before := runtime.NumGoroutine()
		o := newOutput(t, Settings{Broker: Broker{URL: "mqtt://" + s.Address(), Version: version}})
		for range 30 {
			s.Cut()
			for o.Send(within(t), events(1)) != nil {
			}
		}
		o.Close()
		late := time.Now().Add(10 * time.Second)
		for runtime.NumGoroutine() > before+2 && time.Now().Before(late) {
			time.Sleep(10 * time.Millisecond)
		}
		if n := runtime.NumGoroutine(); n > before+2 {
			buf := make([]byte, 1<<16)
			t.Fatalf("%s: %d goroutines, %d before\n%s", version, n, before, buf[:runtime.Stack(buf, true)])
		}
	}
}

// Before the agent has said who it is, nothing is told in nobody's name.
func TestNameless(t *testing.T) {
	s := mqtttest.NewStandIn(t, "127.0.0.1:0")
	o := newOutput(t, Settings{Broker: Broker{URL: "mqtt://" + s.Address()}})
	b := events(1)
	b.Agent = ""
	if err := o.Send(within(t), b); err != ErrNameless || len(s.Posted) > 0 {
		t.Errorf("%v, %d messages", err, len(s.Posted))
	}
	if err := o.Send(within(t), events(1)); err != nil {
		t.Error(err)
	}
}
