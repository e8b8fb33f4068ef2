// Package socket sends rows to the clients that connect to a socket, one on each
// line, as the socket sink of netifyd 5 does.
package socket

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"sync"
	"time"

	"netifyd/cmd/netifyctl/relay/output"
)

// Settings of [[relay.output]] with type = "socket".
type Settings struct {
	Address string `toml:"address"`
	Clients int    `toml:"clients"` // at a time
}

const (
	defaultClients = 16
	waiting        = 64              // batches that wait for a client; one more, and it is closed
	patience       = 5 * time.Second // of a write
	pause          = 100 * time.Millisecond
)

type server struct {
	network, place string
	most           int

	mu       sync.Mutex
	listener net.Listener
	clients  map[net.Conn]chan []byte
}

// Open makes the output. The first Send listens.
func Open(_ string, decode func(any) error) (output.Output, error) {
	s := Settings{Clients: defaultClients}
	if err := decode(&s); err != nil {
		return nil, err
	}
	u, err := url.Parse(s.Address)
	w := &server{most: s.Clients, clients: map[net.Conn]chan []byte{}}
	switch {
	case err == nil && u.Scheme == "unix" && u.Path != "":
		w.network, w.place = "unix", u.Path
	case err == nil && u.Scheme == "tcp" && u.Port() != "":
		w.network, w.place = "tcp", u.Host
	default:
		return nil, &output.Invalid{Key: "address", Why: fmt.Sprintf("%q: want unix:///PATH or tcp://ADDRESS:PORT", s.Address)}
	}
	if s.Clients < 1 || s.Clients > 1024 {
		return nil, &output.Invalid{Key: "clients", Why: "want 1 to 1024"}
	}
	return w, nil
}

// Objects says that rows name their columns.
func (w *server) Objects() bool { return true }

// Send gives the rows to all clients. Where there are none, nobody wants them.
func (w *server) Send(_ context.Context, b *output.Batch) error {
	if err := w.listen(); err != nil {
		return err
	}
	text := b.AppendRows(nil, false)
	w.mu.Lock()
	defer w.mu.Unlock()
	for conn, c := range w.clients {
		select {
		case c <- text:
		default: // it reads too slowly
			w.drop(conn)
		}
	}
	return nil
}

func (w *server) listen() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.listener != nil {
		return nil
	}
	if w.network == "unix" {
		if conn, err := net.Dial("unix", w.place); err == nil {
			conn.Close()
			return fmt.Errorf("%s: somebody else listens there", w.place)
		}
		if info, err := os.Lstat(w.place); err == nil && info.Mode().Type() != os.ModeSocket {
			return fmt.Errorf("%s: this is no socket, so it is left alone: set another address", w.place)
		}
		_ = os.Remove(w.place) // of a relay that was killed
	}
	l, err := net.Listen(w.network, w.place)
	if err != nil {
		return err
	}
	if w.network == "unix" {
		_ = os.Chmod(w.place, 0o660)
	}
	w.listener = l
	go w.accept(l)
	return nil
}

func (w *server) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // no more files may be open, say
			time.Sleep(pause)
			continue
		}
		w.mu.Lock()
		if len(w.clients) >= w.most {
			conn.Close()
		} else {
			c := make(chan []byte, waiting)
			w.clients[conn] = c
			go w.serve(conn, c)
		}
		w.mu.Unlock()
	}
}

func (w *server) serve(conn net.Conn, c chan []byte) {
	go func() { // a client that goes is seen at once; what it says is thrown away
		var b [512]byte
		for {
			if _, err := conn.Read(b[:]); err != nil {
				w.mu.Lock()
				w.drop(conn)
				w.mu.Unlock()
				return
			}
		}
	}()
	for text := range c {
		_ = conn.SetWriteDeadline(time.Now().Add(patience))
		if _, err := conn.Write(text); err != nil {
			break
		}
	}
	conn.Close()
}

// drop forgets a client, which then reads what still waits for it.
func (w *server) drop(conn net.Conn) {
	if c, ok := w.clients[conn]; ok {
		delete(w.clients, conn)
		close(c)
	}
}

func (w *server) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for conn := range w.clients {
		w.drop(conn)
	}
	if w.listener == nil {
		return nil
	}
	err := w.listener.Close()
	w.listener = nil
	return err
}
