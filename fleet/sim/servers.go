package sim

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"netifyd/cmd/netifyctl/relay/config"
	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/cmd/netifyctl/relay/output/http"
	"netifyd/cmd/netifyctl/relay/output/mqtt"
	"netifyd/cmd/netifyctl/stream"
	"netifyd/fleet/peer"
	"netifyd/fleet/schema"
)

// server is what is between routers and store.
type server interface {
	Kill()
	Again() error
	CPU() time.Duration
	Resident() uint64
}

// up starts the servers of the way.
func (f *fleet) up(ctx context.Context) (err error) {
	if f.ca, err = peer.NewCA(filepath.Join(f.dir, "ca")); err != nil {
		return err
	}
	if f.click, err = peer.StartClickHouse(filepath.Join(f.dir, "clickhouse")); err != nil {
		return err
	}
	f.store = f.click.Store("netifyd")
	if _, err := schema.Migrate(ctx, f.store); err != nil {
		return err
	}
	// One certificate for all: what is measured is connections, not the making of keys.
	if err := f.ca.Client(peer.Collector); err != nil {
		return err
	}
	from := ""
	switch f.o.Way {
	case "http":
		return nil
	case "mosquitto":
		m, err := peer.StartMosquittoOpen(filepath.Join(f.dir, "mosquitto"), f.ca)
		if err != nil {
			return err
		}
		f.broker, f.door, from = m, m.URL(), m.URL()
	case "nats":
		n, err := peer.StartNATS(filepath.Join(f.dir, "nats"), f.ca, nil)
		if err != nil {
			return err
		}
		f.broker, f.door, from = n, n.MQTT(), n.URL()
		if err := n.Wake(f.ca); err != nil {
			return err
		}
	default:
		return fmt.Errorf("%q is no way: http, mosquitto or nats", f.o.Way)
	}
	return f.startPipe(ctx, from)
}

func (f *fleet) startPipe(ctx context.Context, from string) error {
	ready, files := filepath.Join(f.dir, "ready"), filepath.Join(f.ca.Dir, peer.Collector)
	f.pipe = exec.Command(f.o.Program, "pipe", "--from", from, "--store", f.store.URL, "--ca", f.ca.Dir+"/ca.crt", "--cert", files+".crt", "--key", files+".key", "--ready", ready, "--log", "error")
	f.pipe.Stderr = os.Stderr
	peer.Tied(f.pipe)
	if err := f.pipe.Start(); err != nil {
		return err
	}
	for end := time.Now().Add(time.Minute); ; rest(ctx, 20*time.Millisecond) {
		if _, err := os.Stat(ready); err == nil {
			return nil
		}
		if time.Now().After(end) || ctx.Err() != nil {
			return errors.New("the pipe does not begin within a minute")
		}
	}
}

// output makes the output of a relay out of the lines of its configuration.
func (f *fleet) output() (output.Output, error) {
	text := "[[relay.output]]\nname = \"fleet\"\nkinds = [\"usage\"]\n"
	secure := fmt.Sprintf("server_name = \"localhost\"\nca = \"%[1]s/ca.crt\"\ncert = \"%[1]s/%[2]s.crt\"\nkey = \"%[1]s/%[2]s.key\"\n", f.ca.Dir, peer.Collector)
	switch f.o.Way {
	case "http":
		text += "type = \"http\"\nformat = \"rows\"\nrows = \"objects\"\nurl = \"" + f.store.URL + "/?database=netifyd&input_format_skip_unknown_fields=1&query=INSERT+INTO+${kind}_in+FORMAT+JSONEachRow\"\n"
	case "mosquitto":
		text += "type = \"mqtt\"\nversion = \"5\"\nurl = \"" + f.door + "\"\n" + secure
	case "nats":
		text += "type = \"mqtt\"\nversion = \"3.1.1\"\nurl = \"" + f.door + "\"\n" + secure
	}
	c, err := config.Parse("simulated", []byte(text), map[string]output.Open{"http": http.Open, "mqtt": mqtt.Open})
	if err != nil {
		return nil, err
	}
	faster := int64(time.Hour / f.o.Hour)
	return &hasty{c.Outputs[0].Out, stream.Backoff{Least: time.Second / time.Duration(faster), Most: 5 * time.Minute / time.Duration(faster)}}, nil
}

// between is what an outage takes away: the broker, or the store itself.
func (f *fleet) between() server {
	if f.broker != nil {
		return f.broker
	}
	return f.click
}

// cpu is what each has used since its start.
func (f *fleet) cpu() (c Cost) {
	c.Relay, c.Store = peer.CPUOf(os.Getpid()), f.click.CPU()
	if f.broker != nil {
		c.Broker, c.Pipe = f.broker.CPU(), peer.CPUOf(f.pipe.Process.Pid)
	}
	return c
}

// resident is the memory of all of them.
func (f *fleet) resident() uint64 {
	n := peer.ResidentOf(os.Getpid()) + f.click.Resident()
	if f.broker != nil {
		n += f.broker.Resident() + peer.ResidentOf(f.pipe.Process.Pid)
	}
	return n
}

func (f *fleet) stop() {
	if f.pipe != nil && f.pipe.Process != nil {
		_ = f.pipe.Process.Signal(syscall.SIGTERM)
		ended := time.AfterFunc(10*time.Second, func() { _ = f.pipe.Process.Kill() })
		_ = f.pipe.Wait()
		ended.Stop()
	}
	if f.broker != nil {
		f.broker.Kill()
	}
	if f.click != nil {
		f.click.Kill()
	}
}
