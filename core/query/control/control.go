// Package control serves the answers of core/query at a UNIX socket: each line is
// a question in JSON, and each gets a line with the answer:
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
	maxConns = 16              // at a time; a further one is told so and closed
	maxLine  = 128 << 10       // bytes of a question: a configuration to check fits
	idle     = 5 * time.Minute // between two questions, while there is room for others
	patience = 5 * time.Second // for a question that was begun, and for the reader of an answer
	fresh    = time.Second     // how long a place is kept for who has it, though others want it
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
	conns  map[net.Conn]*place
	fresh  time.Duration
	closed bool
	done   sync.WaitGroup
}

// nobody is the user of an end that is not known.
const nobody = ^uint32(0)

// place is that of somebody who may ask.
type place struct {
	uid     uint32    // of the other end
	changes bool      // it may change something
	since   time.Time // when it last asked something, or had read an answer
}

// Serve answers what comes on l, in goroutines of its own, until Close.
func Serve(l net.Listener, q *query.Server, o Options) *Server {
	s := &Server{listener: l, query: q, options: o, refused: make(chan struct{}, mostRefused), conns: map[net.Conn]*place{}, fresh: fresh}
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

// add begins to answer a connection, if there is room or room can be made.
func (s *Server) add(conn net.Conn) bool {
	p := &place{since: time.Now()}
	p.uid, p.changes = peer(conn, s.options.Group)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.conns) >= maxConns && !s.makeRoom(p) {
		return false
	}
	s.conns[conn] = p
	s.done.Add(1)
	go func() {
		defer s.done.Done()
		s.answer(conn, p)
		conn.Close()
		s.mu.Lock()
		delete(s.conns, conn)
		s.mu.Unlock()
	}()
	return true
}

// makeRoom takes its place from a connection of the user who has the most of
// them: from the one that has neither asked nor read for the longest time. Who
// has as many as that user already must wait until it did nothing for a while.
// The caller holds mu.
func (s *Server) makeRoom(p *place) bool {
	count := map[uint32]int{}
	for _, c := range s.conns {
		count[c.uid]++
	}
	var last net.Conn
	for conn, c := range s.conns {
		if last == nil || count[c.uid] > count[s.conns[last].uid] || count[c.uid] == count[s.conns[last].uid] && c.since.Before(s.conns[last].since) {
			last = conn
		}
	}
	c := s.conns[last]
	if count[c.uid] <= count[p.uid]+1 && time.Since(c.since) < s.fresh {
		return false
	}
	last.Close()
	delete(s.conns, last)
	return true
}

// active notes that the one at a place asked or read.
func (s *Server) active(p *place) {
	s.mu.Lock()
	p.since = time.Now()
	s.mu.Unlock()
}

// question is a line.
type question struct {
	Method string          `json:"method"`
	Args   json.RawMessage `json:"args"`
}

// answer reads questions until the other end has no more.
func (s *Server) answer(conn net.Conn, p *place) {
	r := bufio.NewReaderSize(conn, 1024)
	var line []byte
	for {
		_ = conn.SetReadDeadline(time.Now().Add(idle))
		if _, err := r.Peek(1); err != nil {
			return
		}
		_ = conn.SetReadDeadline(time.Now().Add(patience))
		var err error
		if line, err = read(r, line[:0]); err != nil {
			s.say(conn, []byte(`{"error":"`+err.Error()+`"}`))
			return
		}
		s.active(p)
		if !s.say(conn, s.reply(line, query.Caller{Changes: p.changes})) {
			return
		}
		s.active(p)
		if cap(line) > 4<<10 {
			line = nil // it was a configuration
		}
	}
}

// Errors of a question, as its asker is told.
var (
	errLong = errors.New("the question is longer than 131072 bytes")
	errSlow = errors.New("the question did not end within 5 seconds: end it with a line feed")
)

// read appends the next line to line, without its line feed, which the last may lack.
func read(r *bufio.Reader, line []byte) ([]byte, error) {
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxLine:
			return line, errLong
		case err == nil:
			return line[:len(line)-1], nil
		case errors.Is(err, io.EOF):
			return line, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return line, errSlow
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
