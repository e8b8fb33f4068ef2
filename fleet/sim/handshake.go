package sim

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"netifyd/fleet/door"
	"netifyd/fleet/peer"
)

// Handshake is what it costs a server that routers come back all at once, each
// with a certificate and a whole TLS handshake.
type Handshake struct {
	Server  string
	Clients int
	Each    time.Duration // of the server's processors, for one
	All     time.Duration // of the real time, until the last was in
}

// rounds is how often all come, since a kernel counts in hundredths of a second.
const rounds = 4

// Handshakes measures mosquitto, nats-server and haproxy, where they are installed.
func Handshakes(ctx context.Context, clients int) (all []Handshake, err error) {
	dir, err := os.MkdirTemp("", "netifyd-handshake-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	ca, err := peer.NewCA(filepath.Join(dir, "ca"))
	if err == nil {
		err = ca.Client(peer.Collector)
	}
	if err != nil {
		return nil, err
	}
	// MQTT 3.1.1, 3.1: CONNECT with a clean session and an empty name; the answer
	// is CONNACK, 3.2, whose last byte is 0.
	connect, accepted := "\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00", "\x20\x02\x00\x00"
	ping, in := "GET /ping HTTP/1.1\r\nHost: door\r\n\r\n", "HTTP/1.1 200"
	for _, s := range []struct {
		name      string
		start     func(dir string) (server, int, error)
		say, want string
	}{
		{"mosquitto", func(dir string) (server, int, error) {
			m, err := peer.StartMosquittoOpen(dir, ca)
			if err != nil {
				return nil, 0, err
			}
			return m, m.Port, nil
		}, connect, accepted},
		{"nats-server", func(dir string) (server, int, error) {
			n, err := peer.StartNATS(dir, ca, nil)
			if err != nil {
				return nil, 0, err
			}
			return n, n.MQTTPort, nil
		}, connect, accepted},
		{"haproxy", func(dir string) (server, int, error) {
			h, err := peer.StartHAProxy(dir, door.HAProxy, ca, "http://127.0.0.1:1")
			if err != nil {
				return nil, 0, err
			}
			return h, h.Port, nil
		}, ping, in},
	} {
		h, err := handshakes(ctx, ca, filepath.Join(dir, s.name), s.start, s.say, s.want, clients)
		if errors.Is(err, peer.ErrNone) {
			continue
		} else if err != nil {
			return all, fmt.Errorf("%s: %w", s.name, err)
		}
		h.Server = s.name
		all = append(all, h)
	}
	return all, nil
}

func handshakes(ctx context.Context, ca *peer.CA, dir string, start func(string) (server, int, error), say, want string, clients int) (h Handshake, err error) {
	s, port, err := start(dir)
	if err != nil {
		return h, err
	}
	defer s.Kill()
	config, err := ca.TLS(peer.Collector)
	if err != nil {
		return h, err
	}
	config.NextProtos = nil
	before := s.CPU()
	for range rounds {
		from := time.Now()
		if err := together(ctx, config, port, say, want, clients); err != nil {
			return h, err
		}
		h.All = max(h.All, time.Since(from))
	}
	h.Clients, h.Each = clients, (s.CPU()-before)/time.Duration(rounds*clients)
	return h, nil
}

// together connects all clients at once, and holds each until all are in.
func together(ctx context.Context, config *tls.Config, port int, say, want string, clients int) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	failed := make([]error, clients)
	conns := make([]net.Conn, clients)
	var wait sync.WaitGroup
	for i := range clients {
		wait.Go(func() {
			d := tls.Dialer{Config: config}
			c, err := d.DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if err != nil {
				failed[i] = err
				return
			}
			conns[i] = c
			end, _ := ctx.Deadline()
			_ = c.SetDeadline(end)
			answer := make([]byte, len(want))
			if _, err := c.Write([]byte(say)); err != nil {
				failed[i] = err
			} else if _, err := io.ReadFull(c, answer); err != nil {
				failed[i] = err
			} else if string(answer) != want {
				failed[i] = fmt.Errorf("the server says %q, not %q", answer, want)
			}
		})
	}
	wait.Wait()
	for _, c := range conns {
		if c != nil {
			_ = c.Close()
		}
	}
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}
