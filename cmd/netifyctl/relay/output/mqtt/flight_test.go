package mqtt

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"slices"
	"testing"
	"time"

	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/cmd/netifyctl/relay/output/mqtt/mqtttest"
)

// broker is the other end of a wire, which says what it is told to.
func broker(t testing.TB, messages int) (*wire, net.Conn) {
	near, far := net.Pipe()
	w := newWire(near, near, &Broker{})
	w.allow(messages)
	t.Cleanup(func() { far.Close(); w.Close() })
	go io.Copy(io.Discard, far)
	for range messages {
		if err := w.post(&Message{Topic: "t"}, 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.written(); err != nil { // one that fails later would end the connection before all was read
		t.Fatal(err)
	}
	return w, far
}

// spoken is what a broker may send: what is for the library, and between it the
// answers to three messages, of which the second is refused.
var spoken = [][]byte{
	{0x20, 3, 0, 0, 0}, // CONNACK
	{0x40, 2, 4, 0},
	{0x40, 2, 0, 1}, // a PUBACK of the library's
	{0x40, 15, 4, 1, 0x97, 11, 0x1f, 0, 8, 't', 'o', 'o', ' ', 'm', 'u', 'c', 'h'},
	{0x30, 5, 0, 1, 't', 0, 'x'},
	{0x40, 3, 4, 2, 0x10}, // taken, but nobody subscribes
	{0x40, 2, 4, 2},       // an answer to nothing
	{0xd0, 0},
}

func TestAnswersAreTakenOutOfWhatTheLibraryReads(t *testing.T) {
	whole := slices.Concat(spoken...)
	library := slices.Concat(spoken[0], spoken[2], spoken[4], spoken[6], spoken[7])
	for cut := range len(whole) + 1 {
		w, far := broker(t, 3)
		go func() {
			far.Write(whole[:cut])
			far.Write(whole[cut:])
			far.Close()
		}()
		got, err := io.ReadAll(w)
		if !bytes.Equal(got, library) || err != nil {
			t.Fatalf("cut at %d: the library reads % x, %v; want % x", cut, got, err, library)
		}
		for i := range 3 {
			err := w.answer(context.Background(), time.Second, w.gone)
			var later *output.Later
			if refused := errors.As(err, &later) && later.Err.Error() == "quota exceeded: too much"; refused != (i == 1) || !refused && err != nil {
				t.Errorf("cut at %d: the answer to message %d is %v", cut, i, err)
			}
		}
	}
}

// TestAnswersEndWithTheConnection cuts what the broker says at every byte: the
// messages that were answered are done, the others are not.
func TestAnswersEndWithTheConnection(t *testing.T) {
	whole := slices.Concat(spoken[1], []byte{0x40, 2, 4, 1}, spoken[5])
	for end := range len(whole) + 1 {
		w, far := broker(t, 3)
		go func() { far.Write(whole[:end]); far.Close() }()
		io.ReadAll(w)
		for i := range 3 {
			err := w.answer(context.Background(), time.Second, w.gone)
			if want := []int{4, 8, 13}[i] <= end; want != (err == nil) || !want && err != errLost {
				t.Errorf("cut at %d: the answer to message %d is %v", end, i, err)
			}
			if err != nil {
				break
			}
		}
	}
}

func TestAnswersOutOfOrder(t *testing.T) {
	w, far := broker(t, 5)
	go func() {
		for _, i := range []byte{4, 3, 2, 1, 0} {
			far.Write([]byte{0x40, 2, 4, i})
		}
	}()
	go io.Copy(io.Discard, w)
	for i := range 5 {
		if err := w.answer(context.Background(), 10*time.Second, w.gone); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
	}
}

// An answer is told also where the broker says something else at once behind it.
func TestAnswerBeforeSomethingElse(t *testing.T) {
	for name, behind := range map[string][]byte{"a message": spoken[4], "an answer of the library's": spoken[2], "an answer to nothing": {0x40, 2, 4, 9}} {
		w, far := broker(t, 1)
		go io.Copy(io.Discard, w)
		told := make(chan error)
		go func() { told <- w.answer(context.Background(), 5*time.Second, w.gone) }()
		for waits := false; !waits; runtime.Gosched() {
			w.flight.mu.Lock()
			waits = w.want == 1
			w.flight.mu.Unlock()
		}
		far.Write(slices.Concat([]byte{0x40, 2, 4, 0}, behind))
		if err := <-told; err != nil {
			t.Errorf("%s behind it: %v", name, err)
		}
	}
}

// What the broker refused for ever is told where it refuses the next for now.
func TestRefusedBeforeAnotherError(t *testing.T) {
	near, far := net.Pipe()
	w := newWire(near, near, &Broker{})
	w.allow(3)
	t.Cleanup(func() { far.Close(); w.Close() })
	go io.Copy(io.Discard, w)
	go func() {
		io.ReadFull(far, make([]byte, 3*8))
		far.Write([]byte{0x40, 3, 4, 0, 0x99, 0x40, 3, 4, 1, 0x97, 0x40, 2, 4, 2})
	}()
	n, err := (&Client{c: &Broker{}}).send(context.Background(), &five{wire: w, highest: 2}, slices.Repeat([]Message{{Topic: "t"}}, 3))
	var some *partly
	var later *output.Later
	if n != 1 || !errors.As(err, &some) || some.refused.Rows != 1 || !errors.As(err, &later) {
		t.Errorf("%d messages are settled, %v", n, err)
	}
}

// A broker that ends the connection says why, and is told in its words.
func TestTheBrokerEndsTheConnection(t *testing.T) {
	for said, want := range map[string]string{
		"\xe0\x00":                         "the broker ends the connection: normal disconnection (reason 0x00)",
		"\xe0\x01\x8b":                     "the broker ends the connection: server shutting down (reason 0x8b)",
		"\xe0\x02\x8e\x00":                 "the broker ends the connection: session taken over, another client has the same client_id (reason 0x8e)",
		"\xe0\x09\x97\x07\x1f\x00\x04full": "the broker ends the connection: quota exceeded: full (reason 0x97)",
		"\xe0\x01\x87":                     "not authorized: the broker ends the connection: not authorized (reason 0x87)",
		"\xe0\x01\xee":                     "the broker ends the connection: error (reason 0xee)",
		"\xe0\x03\x96\x09\x1f":             "the broker ends the connection: message rate too high (reason 0x96)", // properties that are cut
	} {
		near, far := net.Pipe()
		w := newWire(near, near, &Broker{})
		w.allow(3)
		go io.Copy(io.Discard, w)
		go func() {
			io.ReadFull(far, make([]byte, 3*8))
			far.Write([]byte{0x40, 2, 4, 0})
			far.Write([]byte(said))
		}()
		n, err := (&Client{c: &Broker{}}).send(context.Background(), &five{wire: w, highest: 2}, slices.Repeat([]Message{{Topic: "t"}}, 3))
		if n != 1 || err == nil || err.Error() != want {
			t.Errorf("% x: %d messages are settled, %v, want %s", said, n, err, want)
		}
		if person := new(output.Unauthorized); errors.As(err, &person) != (said[len(said)-1] == 0x87) {
			t.Errorf("% x: %T", said, err)
		}
		far.Close()
		w.Close()
	}
}

// The libraries would take memory for what a broker says that it is about to send.
func TestPacketThatIsTooLong(t *testing.T) {
	w, far := broker(t, 1)
	go func() { far.Write([]byte{0x30, 0xff, 0xff, 0xff, 0x7f, 0}); far.Close() }()
	if got, err := io.ReadAll(w); err == nil || len(got) > 0 {
		t.Fatalf("the library reads % x, %v", got, err)
	}
}

func TestLengthThatNeverEnds(t *testing.T) {
	w, far := broker(t, 1)
	go far.Write([]byte{0x40, 0xff, 0xff, 0xff, 0xff, 0xff})
	if _, err := io.ReadAll(w); err == nil {
		t.Fatal("it is read")
	}
}

func FuzzWire(f *testing.F) {
	for i := range spoken {
		f.Add(slices.Concat(spoken[:i+1]...), 3)
	}
	f.Fuzz(func(t *testing.T, said []byte, cut int) {
		w, far := broker(t, 3)
		cut = max(0, min(cut, len(said)))
		go func() { far.Write(said[:cut]); far.Write(said[cut:]); far.Close() }()
		if got, _ := io.ReadAll(w); len(got) > len(said) {
			t.Fatalf("% x became % x", said, got)
		}
		if w.got > w.sent {
			t.Fatalf("% x answers %d of %d", said, w.got, w.sent)
		}
	})
}

// TestBrokerThatGathers has a broker whose TCP keeps small packets until those
// before them are acknowledged, as mosquitto's does. Our kernel would let it wait
// for 40 ms or more each time.
func TestBrokerThatGathers(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux can be told to acknowledge at once")
	}
	for _, version := range []string{"3.1.1", "5"} {
		s := mqtttest.NewStandIn(t, "127.0.0.1:0")
		s.Gather()
		o, err := New(Settings{Broker: Broker{URL: "mqtt://" + s.Address(), Version: version}})
		if err != nil {
			t.Fatal(err)
		}
		defer o.Close()
		quickest := time.Hour
		for range 20 { // other work on the machine makes some slow, but not all
			batch := &output.Batch{Agent: agent, Kind: "events", Lines: [][]byte{[]byte("{}"), []byte("{}"), []byte("{}"), []byte("{}")}}
			began := time.Now()
			if err := o.Send(context.Background(), batch); err != nil {
				t.Fatal(err)
			}
			quickest = min(quickest, time.Since(began))
		}
		if quickest > 30*time.Millisecond {
			t.Errorf("MQTT %s: the quickest of 20 batches took %v", version, quickest)
		}
	}
}
