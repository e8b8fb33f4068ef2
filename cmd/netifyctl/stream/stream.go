// Package stream reads the events of an agent without end: it connects again
// when the connection is lost, and never holds more than one line.
package stream

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// ErrDialect is what Gone is told where a listener speaks dialect 3 or 4 and the
// reader cannot.
var ErrDialect = errors.New(`this socket speaks dialect 3 or 4: give the agent a [[listen]] with dialect = "5"`)

var errEnded = errors.New("the agent ended the connection")

const (
	readSize = 64 << 10
	longest  = 1 << 20 // of a line, where MaxLine does not say
	dialTime = 10 * time.Second
	// steady is how long a connection must have lasted for its end to be no failure.
	steady = 10 * time.Second
)

// Stream is a place where an agent tells its events, and what is to be heard.
type Stream struct {
	Address string   // unix:///path, /path, tcp://host:port or host:port
	Kinds   []string // values of type to ask for; none: all
	Filter  string   // an expression about flows; empty: every flow
	MaxLine int      // bytes; longer lines are passed over. 0: 1 MiB
	Framed  bool     // dialects 3 and 4 will do too: their headers are left out

	// Open is called when a connection is made, Gone when it has ended or was
	// refused, with the time until the next attempt, and Long when a line was too
	// long. All may be nil; they and the reader of lines are called by one goroutine.
	Open func()
	Gone func(err error, again time.Duration)
	Long func()

	Retry Backoff // none: 1 second to 1 minute

	long []byte
}

// Network parts an address into what net.Dial wants.
func Network(address string) (network, place string) {
	if path, ok := strings.CutPrefix(address, "unix://"); ok {
		return "unix", path
	}
	if strings.HasPrefix(address, "/") || strings.HasPrefix(address, "./") {
		return "unix", address
	}
	return "tcp", strings.TrimPrefix(address, "tcp://")
}

// Run reads until ctx ends. line is lent a line without its line feed, and what
// its type says, until it returns.
func (s *Stream) Run(ctx context.Context, line func(kind string, line []byte)) {
	if s.Retry.Least == 0 {
		s.Retry = Backoff{Least: time.Second, Most: time.Minute}
		if network, _ := Network(s.Address); network == "unix" {
			s.Retry.Most = 5 * time.Second // it costs nothing to look here
		}
	}
	if s.MaxLine == 0 {
		s.MaxLine = longest
	}
	r := bufio.NewReaderSize(nil, readSize)
	for ctx.Err() == nil {
		began := time.Now()
		err := s.connection(ctx, r, line)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > steady {
			s.Retry.Reset()
		}
		again := s.Retry.Next()
		if s.Gone != nil {
			s.Gone(err, again)
		}
		select {
		case <-ctx.Done():
		case <-time.After(again):
		}
	}
}

func (s *Stream) connection(ctx context.Context, r *bufio.Reader, line func(string, []byte)) error {
	network, place := Network(s.Address)
	conn, err := (&net.Dialer{Timeout: dialTime}).DialContext(ctx, network, place)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if len(s.Kinds) > 0 || s.Filter != "" {
		ask, _ := json.Marshal(struct {
			Kinds  []string `json:"kinds,omitempty"`
			Filter string   `json:"filter,omitempty"`
		}{s.Kinds, s.Filter})
		if _, err := conn.Write(append(ask, '\n')); err != nil {
			return err
		}
	}
	if s.Open != nil {
		s.Open()
	}
	r.Reset(conn)
	for {
		b, err := s.next(r)
		switch {
		case errors.Is(err, io.EOF):
			return errEnded
		case err != nil:
			return err
		}
		switch {
		case len(b) == 0:
		case bytes.HasPrefix(b, []byte(`{"length":`)):
			if !s.Framed {
				return ErrDialect
			}
		default:
			kind := Type(b)
			if kind == "agent_error" {
				return refusal(b)
			}
			line(kind, b)
		}
	}
}

// next reads a line. One that is too long is empty.
func (s *Stream) next(r *bufio.Reader) ([]byte, error) {
	b, err := r.ReadSlice('\n')
	if err == nil {
		return bytes.TrimRight(b, "\r\n"), nil
	}
	s.long = s.long[:0]
	for errors.Is(err, bufio.ErrBufferFull) {
		if len(s.long) <= s.MaxLine {
			s.long = append(s.long, b...)
		}
		b, err = r.ReadSlice('\n')
	}
	if err != nil {
		return nil, err
	}
	if len(s.long)+len(b) > s.MaxLine {
		s.long = nil
		if s.Long != nil {
			s.Long()
		}
		return nil, nil
	}
	s.long = append(s.long, b...)
	return bytes.TrimRight(s.long, "\r\n"), nil
}

func refusal(line []byte) error {
	var words struct{ Error string }
	_ = json.Unmarshal(line, &words)
	return fmt.Errorf("the agent refuses: %s", words.Error)
}

// kinds are those that an agent of ours tells, so that naming one takes no memory.
var kinds = func() map[string]string {
	m := map[string]string{}
	for _, k := range strings.Fields("agent_hello agent_status agent_error definitions protocols flow flow_dpi_update flow_dpi_complete flow_stats flow_purge flow_intel interfaces endpoints interface_stats global_stats device usage") {
		m[k] = k
	}
	return m
}()

// Type gives the value of "type" of an object in JSON; "" where it has none. Our
// agent writes that member last, and then little is read.
func Type(line []byte) string {
	if b, ok := bytes.CutSuffix(line, []byte(`"}`)); ok {
		if i := bytes.LastIndexByte(b, '"'); i >= 0 && bytes.HasSuffix(b[:i], []byte(`"type":`)) {
			return named(b[i+1:])
		}
	}
	var o struct{ Type string }
	if json.Unmarshal(line, &o) != nil {
		return ""
	}
	return o.Type
}

func named(b []byte) string {
	if k, ok := kinds[string(b)]; ok {
		return k
	}
	return string(b)
}
