package mqtt

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	paho3 "github.com/eclipse/paho.mqtt.golang"
)

// mosquitto is the real broker, in a folder of its own.
type mosquitto struct {
	t    testing.TB
	dir  string
	port int
	run  *exec.Cmd
}

// newMosquitto starts it with these lines of configuration, below the line
// that says where it listens.
func newMosquitto(t testing.TB, lines string) *mosquitto {
	t.Helper()
	if _, err := exec.LookPath("mosquitto"); err != nil {
		t.Skip("mosquitto is not here")
	}
	m := &mosquitto{t: t, dir: t.TempDir()}
	for range 5 { // the port may be taken between our look and its
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		m.port = ln.Addr().(*net.TCPAddr).Port
		ln.Close()
		head := fmt.Sprintf("listener %d 127.0.0.1\n", m.port)
		if os.Getuid() == 0 {
			head = "user root\n" + head
		}
		if err := os.WriteFile(filepath.Join(m.dir, "mosquitto.conf"), []byte(head+lines), 0o600); err != nil {
			t.Fatal(err)
		}
		if m.start() {
			t.Cleanup(m.kill)
			return m
		}
	}
	t.Fatal("mosquitto does not start")
	return nil
}

// start tells whether it runs; it returns once it listens.
func (m *mosquitto) start() bool {
	m.t.Helper()
	m.run = exec.Command("mosquitto", "-c", filepath.Join(m.dir, "mosquitto.conf"))
	log, err := m.run.StderrPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	if err := m.run.Start(); err != nil {
		m.t.Fatal(err)
	}
	r := bufio.NewScanner(log)
	var said strings.Builder
	for r.Scan() {
		said.WriteString(r.Text() + "\n")
		if strings.Contains(r.Text(), " running") {
			go io.Copy(io.Discard, log)
			return true
		}
	}
	m.run.Wait()
	m.t.Log(said.String())
	return false
}

func (m *mosquitto) kill() {
	if m.run != nil {
		m.run.Process.Kill()
		m.run.Wait()
		m.run = nil
	}
}

func (m *mosquitto) address() string { return fmt.Sprintf("127.0.0.1:%d", m.port) }

// server is what tests want of a broker.
type server interface {
	address() string
	kill()
}

// brokers runs a test with each broker and each version.
func brokers(t *testing.T, f func(t *testing.T, s server, again func(), c Settings)) {
	for _, version := range []string{"3.1.1", "5"} {
		t.Run("stand-in "+version, func(t *testing.T) {
			s := newStandIn(t, "127.0.0.1:0")
			f(t, s, func() { newStandIn(t, s.address()) }, Settings{Broker: Broker{URL: "mqtt://" + s.address(), Version: version}})
		})
		t.Run("mosquitto "+version, func(t *testing.T) {
			m := newMosquitto(t, "allow_anonymous true\n")
			f(t, m, func() {
				if !m.start() {
					t.Fatal("mosquitto does not start again")
				}
			}, Settings{Broker: Broker{URL: "mqtt://" + m.address(), Version: version}})
		})
	}
}

// subscribe gives what arrives at a broker.
func subscribe(t *testing.T, address, filter string, set ...func(*paho3.ClientOptions)) <-chan message {
	t.Helper()
	out := make(chan message, 1<<16)
	o := paho3.NewClientOptions().AddBroker("tcp://" + address).SetClientID("reader-" + t.Name()).SetAutoReconnect(false)
	for _, f := range set {
		f(o)
	}
	c := paho3.NewClient(o)
	if k := c.Connect(); !k.WaitTimeout(20*time.Second) || k.Error() != nil {
		t.Fatal("subscriber: ", k.Error())
	}
	if k := c.Subscribe(filter, 1, func(_ paho3.Client, m paho3.Message) {
		out <- message{m.Topic(), string(m.Payload()), m.Retained()}
	}); !k.WaitTimeout(20*time.Second) || k.Error() != nil {
		t.Fatal("subscriber: ", k.Error())
	}
	t.Cleanup(func() { c.Disconnect(0) })
	return out
}

// next is the next message of a topic; others are passed over.
func next(t *testing.T, from <-chan message, topic string) message {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case m := <-from:
			if m.topic == topic {
				return m
			}
		case <-late:
			t.Fatalf("nothing came to %s", topic)
		}
	}
}
