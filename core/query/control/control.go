// Package control is the local face of the answers: a UNIX socket that takes a
// question a line and gives an answer a line, both in JSON:
//
//	{"method": "flows", "args": {"filter": "app:netflix", "limit": 10}}
//
// The socket's mode says who may ask. Who may change something is decided by
// the credentials that the kernel gives of the other end.
package control

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"netifyd/core/query"
)

// Bounds.
const (
	maxConns = 16        // at a time; a further one is told so and closed
	maxLine  = 128 << 10 // bytes of a question: a configuration to check fits
	idle     = 5 * time.Minute
	patience = 5 * time.Second // for the reader of an answer
	// Of those that find no room: how many are heard out at a time, and how much of each.
	mostRefused = 16
	maxRefused  = 256 << 10
)

// Options of a Server.
type Options struct {
	// Group may change something, beside root; -1: nobody else.
	Group int
}

// Server answers on one socket.
type Server struct {
	listener net.Listener
	query    *query.Server
	options  Options

	refused chan struct{} // a place for each that is heard out without an answer

	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	closed bool
	done   sync.WaitGroup
}

// Serve answers what comes on l, in goroutines of its own, until Close.
func Serve(l net.Listener, q *query.Server, o Options) *Server {
	s := &Server{listener: l, query: q, options: o, refused: make(chan struct{}, mostRefused), conns: map[net.Conn]struct{}{}}
	s.serve(l)
	return s
}

func (s *Server) serve(l net.Listener) {
	s.done.Add(1)
	go func() {
		defer s.done.Done()
		s.accept(l)
	}()
}

// Renew puts another listener in the place of one that nobody reaches any more,
// since its socket was removed. open is called once the old one is closed, which
// would remove the new socket. Who is connected stays.
func (s *Server) Renew(open func() (net.Listener, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	s.listener.Close()
	l, err := open()
	if err != nil {
		return err
	}
	s.listener = l
	s.serve(l)
	return nil
}

// Close closes the socket and every connection.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	s.listener.Close()
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.done.Wait()
}

func (s *Server) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			time.Sleep(100 * time.Millisecond) // lack of descriptors passes
			continue
		}
		if !s.add(conn) {
			s.refuse(conn)
		}
	}
}

// refuse tells one more that there is no room. Who asks first and reads then
// must not find a broken pipe: so what it writes is heard before its connection
// is closed, for a second, and of so many as may ask.
func (s *Server) refuse(conn net.Conn) {
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	_, _ = conn.Write([]byte(`{"error":"too many ask at once: try again"}` + "\n"))
	select {
	case s.refused <- struct{}{}:
	default:
		conn.Close()
		return
	}
	s.done.Add(1)
	go func() {
		defer s.done.Done()
		if c, ok := conn.(interface{ CloseWrite() error }); ok {
			_ = c.CloseWrite()
		}
		_, _ = io.Copy(io.Discard, io.LimitReader(conn, maxRefused))
		conn.Close()
		<-s.refused
	}()
}

// add begins to answer a connection, if there is room.
func (s *Server) add(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.conns) >= maxConns {
		return false
	}
	s.conns[conn] = struct{}{}
	s.done.Add(1)
	go func() {
		defer s.done.Done()
		s.answer(conn)
		conn.Close()
		s.mu.Lock()
		delete(s.conns, conn)
		s.mu.Unlock()
	}()
	return true
}

// question is a line.
type question struct {
	Method string          `json:"method"`
	Args   json.RawMessage `json:"args"`
}

// answer reads questions until the other end has no more.
func (s *Server) answer(conn net.Conn) {
	who := query.Caller{Changes: mayChange(conn, s.options.Group)}
	lines := bufio.NewScanner(conn)
	lines.Buffer(make([]byte, 0, 1024), maxLine)
	for {
		_ = conn.SetReadDeadline(time.Now().Add(idle))
		if !lines.Scan() {
			if errors.Is(lines.Err(), bufio.ErrTooLong) {
				s.say(conn, []byte(`{"error":"the question is longer than 131072 bytes"}`))
			}
			return
		}
		if !s.say(conn, s.reply(lines.Bytes(), who)) {
			return
		}
	}
}

// reply is the answer to a line.
func (s *Server) reply(line []byte, who query.Caller) []byte {
	var q question
	if err := json.Unmarshal(line, &q); err != nil || q.Method == "" {
		return []byte(`{"error":"want a line such as {\"method\": \"status\", \"args\": {}}"}`)
	}
	text, _ := s.query.Ask(q.Method, q.Args, who)
	return text
}

func (s *Server) say(conn net.Conn, text []byte) bool {
	_ = conn.SetWriteDeadline(time.Now().Add(patience))
	_, err := conn.Write(append(text, '\n'))
	return err == nil
}
