// Package mqtttest has brokers for tests: mosquitto, and a stand-in where it is
// missing.
package mqtttest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// StandIn is a small broker of both versions, written from the specifications:
// it stands in where mosquitto is missing, and does what mosquitto never does.
type StandIn struct {
	ln net.Listener
	wg sync.WaitGroup

	mu       sync.Mutex
	conns    map[net.Conn]string // → client identifier
	subs     map[*peer][]string
	retained map[string][]byte
	Connack  byte          // reason of CONNACK
	Props    []byte        // properties of CONNACK in MQTT 5
	Puback   byte          // reason of each PUBACK in MQTT 5; from 0x80 on the message is not taken
	Hold     chan struct{} // if set, PUBACKs wait until it is closed
	Posted   chan Message  // what was published, if somebody reads it
	Delay    time.Duration // of each PUBACK
	gather   bool
}

// Message is what was published.
type Message struct {
	Topic, Payload string
	Retain         bool
}

type peer struct {
	net.Conn
	five bool
	mu   sync.Mutex
}

func (p *peer) send(kind byte, body ...[]byte) {
	n := 0
	for _, b := range body {
		n += len(b)
	}
	out := binary.AppendUvarint([]byte{kind}, uint64(n)) // the same as MQTT's (5, 1.5.5)
	for _, b := range body {
		out = append(out, b...)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Write(out)
}

func NewStandIn(t *testing.T, address string, secured ...*tls.Config) *StandIn {
	ln, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range secured {
		ln = tls.NewListener(ln, c)
	}
	s := &StandIn{ln: ln, conns: map[net.Conn]string{}, subs: map[*peer][]string{}, retained: map[string][]byte{}, Posted: make(chan Message, 1<<16)}
	s.wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			if t, ok := c.(*net.TCPConn); ok && s.gather {
				t.SetNoDelay(false)
			}
			s.conns[c] = ""
			s.mu.Unlock()
			s.wg.Go(func() { s.serve(&peer{Conn: c}) })
		}
	})
	t.Cleanup(s.Kill)
	return s
}

func (s *StandIn) Address() string { return s.ln.Addr().String() }

// Kill ends the broker and all its connections.
func (s *StandIn) Kill() {
	s.ln.Close()
	s.Cut()
	s.wg.Wait()
}

// Release sends the PUBACKs that wait, and lets no more wait.
func (s *StandIn) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.Hold)
	s.Hold = nil
}

// Gather keeps small packets until those before them are acknowledged (Nagle's
// algorithm), on new connections.
func (s *StandIn) Gather() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gather = true
}

// SetDelay changes Delay while the broker runs.
func (s *StandIn) SetDelay(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Delay = d
}

// SetPuback changes Puback while the broker runs.
func (s *StandIn) SetPuback(code byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Puback = code
}

// CutClient closes the connections of a client.
func (s *StandIn) CutClient(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c, of := range s.conns {
		if of == id {
			c.Close()
		}
	}
}

// Cut closes all connections; new ones are taken.
func (s *StandIn) Cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.Close()
	}
}

func text(b []byte) (string, []byte) {
	n := int(binary.BigEndian.Uint16(b))
	return string(b[2 : 2+n]), b[2+n:]
}

func skipProperties(b []byte) []byte {
	n, size := binary.Uvarint(b)
	return b[size+int(n):]
}

func (s *StandIn) serve(p *peer) {
	r := bufio.NewReader(p)
	var will *Message
	defer func() {
		p.Close()
		s.mu.Lock()
		delete(s.conns, p.Conn)
		delete(s.subs, p)
		s.mu.Unlock()
		if will != nil {
			s.route(*will)
		}
	}()
	for {
		kind, err := r.ReadByte()
		if err != nil {
			return
		}
		n, err := binary.ReadUvarint(r)
		if err != nil {
			return
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(r, b); err != nil {
			return
		}
		switch kind >> 4 {
		case 1:
			_, b = text(b)
			p.five = b[0] == 5
			flags := b[1]
			b = b[4:]
			if p.five {
				b = skipProperties(b)
			}
			var id string
			id, b = text(b)
			s.mu.Lock()
			s.conns[p.Conn] = id
			s.mu.Unlock()
			if flags&4 != 0 {
				if p.five {
					b = skipProperties(b)
				}
				will = &Message{Retain: flags&32 != 0}
				will.Topic, b = text(b)
				will.Payload, _ = text(b)
			}
			s.mu.Lock()
			code, props := s.Connack, s.Props
			s.mu.Unlock()
			if p.five && code == 0 && flags&4 != 0 { // it refuses a will that it could not send (3.2.2.3.4)
				if flags&32 != 0 && bytes.Contains(props, []byte{0x25, 0}) {
					code = 0x9a
				}
				if flags&24 != 0 && bytes.Contains(props, []byte{0x24, 0}) {
					code = 0x9b
				}
			}
			answer := []byte{0, code}
			if p.five {
				answer = append(append(answer, byte(len(props))), props...)
			}
			p.send(0x20, answer)
			if code != 0 {
				will = nil
				return
			}
		case 3:
			m := Message{Retain: kind&1 != 0}
			if m.Retain && bytes.Contains(s.Props, []byte{0x25, 0}) {
				return
			}
			m.Topic, b = text(b)
			var id []byte
			if kind&6 != 0 {
				id, b = b[:2], b[2:]
			}
			if p.five {
				b = skipProperties(b)
			}
			m.Payload = string(b)
			s.mu.Lock()
			code, hold, delay := s.Puback, s.Hold, s.Delay
			s.mu.Unlock()
			if code < 0x80 {
				s.route(m)
			}
			if id == nil {
				continue
			}
			s.wg.Go(func() {
				time.Sleep(delay)
				if hold != nil {
					<-hold
				}
				if p.five && code != 0 {
					p.send(0x40, id, []byte{code})
				} else {
					p.send(0x40, id)
				}
			})
		case 8:
			id := b[:2]
			b = b[2:]
			if p.five {
				b = skipProperties(b)
			}
			filter, _ := text(b)
			s.mu.Lock()
			s.subs[p] = append(s.subs[p], filter)
			var old []Message
			for t, payload := range s.retained {
				if matches(filter, t) {
					old = append(old, Message{t, string(payload), true})
				}
			}
			s.mu.Unlock()
			if p.five {
				p.send(0x90, id, []byte{0, 1})
			} else {
				p.send(0x90, id, []byte{1})
			}
			for _, m := range old {
				p.deliver(m)
			}
		case 12:
			p.send(0xd0)
		case 14:
			will = nil
			return
		}
	}
}

func (p *peer) deliver(m Message) {
	kind := byte(0x30)
	if m.Retain {
		kind |= 1
	}
	head := append(binary.BigEndian.AppendUint16(nil, uint16(len(m.Topic))), m.Topic...)
	if p.five {
		head = append(head, 0)
	}
	p.send(kind, head, []byte(m.Payload))
}

func matches(filter, topic string) bool {
	if rest, ok := strings.CutSuffix(filter, "#"); ok {
		return strings.HasPrefix(topic, rest)
	}
	return filter == topic
}

func (s *StandIn) route(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.Retain {
		s.retained[m.Topic] = []byte(m.Payload)
	}
	select {
	case s.Posted <- m:
	default:
	}
	for p, filters := range s.subs {
		for _, f := range filters {
			if matches(f, m.Topic) {
				p.deliver(Message{m.Topic, m.Payload, false})
			}
		}
	}
}
