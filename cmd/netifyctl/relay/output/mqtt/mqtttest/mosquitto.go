package mqtttest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	paho3 "github.com/eclipse/paho.mqtt.golang"
)

// Mosquitto is the real broker, in a folder of its own.
type Mosquitto struct {
	t    testing.TB
	dir  string
	port int
	run  *exec.Cmd
}

// NewMosquitto starts it with these lines of configuration, below the line
// that says where it listens.
func NewMosquitto(t testing.TB, lines string) *Mosquitto {
	t.Helper()
	m := FindMosquitto(t, lines)
	if m == nil {
		t.Skip("mosquitto is not here")
	}
	return m
}

// FindMosquitto is nil where it is not installed.
func FindMosquitto(t testing.TB, lines string) *Mosquitto {
	t.Helper()
	if _, err := exec.LookPath("mosquitto"); err != nil {
		return nil
	}
	m := &Mosquitto{t: t, dir: t.TempDir()}
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
		if m.Start() {
			t.Cleanup(m.Kill)
			return m
		}
	}
	t.Fatal("mosquitto does not start")
	return nil
}

// Start tells whether it runs; it returns once it listens.
func (m *Mosquitto) Start() bool {
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

// Stop lets it end in peace, with what it keeps on disk.
func (m *Mosquitto) Stop() {
	if m.run != nil {
		m.run.Process.Signal(syscall.SIGTERM)
		m.run.Wait()
		m.run = nil
	}
}

func (m *Mosquitto) Kill() {
	if m.run != nil {
		m.run.Process.Kill()
		m.run.Wait()
		m.run = nil
	}
}

func (m *Mosquitto) Address() string { return fmt.Sprintf("127.0.0.1:%d", m.port) }

// Subscribe gives what arrives at a broker.
func Subscribe(t *testing.T, address, filter string, set ...func(*paho3.ClientOptions)) <-chan Message {
	t.Helper()
	out := make(chan Message, 1<<16)
	o := paho3.NewClientOptions().AddBroker("tcp://" + address).SetClientID("reader-" + t.Name()).SetAutoReconnect(false)
	for _, f := range set {
		f(o)
	}
	c := paho3.NewClient(o)
	if k := c.Connect(); !k.WaitTimeout(20*time.Second) || k.Error() != nil {
		t.Fatal("subscriber: ", k.Error())
	}
	if k := c.Subscribe(filter, 1, func(_ paho3.Client, m paho3.Message) {
		out <- Message{m.Topic(), string(m.Payload()), m.Retained()}
	}); !k.WaitTimeout(20*time.Second) || k.Error() != nil {
		t.Fatal("subscriber: ", k.Error())
	}
	t.Cleanup(func() { c.Disconnect(0) })
	return out
}

// Next is the next Message of a topic; others are passed over.
func Next(t *testing.T, from <-chan Message, topic string) Message {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case m := <-from:
			if m.Topic == topic {
				return m
			}
		case <-late:
			t.Fatalf("nothing came to %s", topic)
		}
	}
}
