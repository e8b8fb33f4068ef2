package mqtt

import (
	"bufio"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// standIn is a small broker of both versions, written from the specifications:
// it stands in where mosquitto is missing, and does what mosquitto never does.
type standIn struct {
	ln net.Listener
	wg sync.WaitGroup

	mu       sync.Mutex
	conns    map[net.Conn]bool
	subs     map[*peer][]string
	retained map[string][]byte
	connack  byte          // reason of CONNACK
	props    []byte        // properties of CONNACK in MQTT 5
	puback   byte          // reason of each PUBACK in MQTT 5
	hold     chan struct{} // if set, PUBACKs wait until it is closed
	posted   chan message  // what was published, if somebody reads it
}

type message struct {
	topic, payload string
	retain         bool
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

func newStandIn(t *testing.T, address string, secured ...*tls.Config) *standIn {
	ln, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range secured {
		ln = tls.NewListener(ln, c)
	}
	s := &standIn{ln: ln, conns: map[net.Conn]bool{}, subs: map[*peer][]string{}, retained: map[string][]byte{}, posted: make(chan message, 1<<16)}
	s.wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns[c] = true
			s.mu.Unlock()
			s.wg.Go(func() { s.serve(&peer{Conn: c}) })
		}
	})
	t.Cleanup(s.kill)
	return s
}

func (s *standIn) address() string { return s.ln.Addr().String() }

// kill ends the broker and all its connections.
func (s *standIn) kill() {
	s.ln.Close()
	s.cut()
	s.wg.Wait()
}

// cut closes all connections; new ones are taken.
func (s *standIn) cut() {
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

func (s *standIn) serve(p *peer) {
	r := bufio.NewReader(p)
	var will *message
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
			_, b = text(b) // client's identifier
			if flags&4 != 0 {
				if p.five {
					b = skipProperties(b)
				}
				will = &message{retain: flags&32 != 0}
				will.topic, b = text(b)
				will.payload, _ = text(b)
			}
			s.mu.Lock()
			code, props := s.connack, s.props
			s.mu.Unlock()
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
			m := message{retain: kind&1 != 0}
			m.topic, b = text(b)
			var id []byte
			if kind&6 != 0 {
				id, b = b[:2], b[2:]
			}
			if p.five {
				b = skipProperties(b)
			}
			m.payload = string(b)
			s.route(m)
			if id == nil {
				continue
			}
			s.mu.Lock()
			code, hold := s.puback, s.hold
			s.mu.Unlock()
			s.wg.Go(func() {
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
			var old []message
			for t, payload := range s.retained {
				if matches(filter, t) {
					old = append(old, message{t, string(payload), true})
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

func (p *peer) deliver(m message) {
	kind := byte(0x30)
	if m.retain {
		kind |= 1
	}
	head := append(binary.BigEndian.AppendUint16(nil, uint16(len(m.topic))), m.topic...)
	if p.five {
		head = append(head, 0)
	}
	p.send(kind, head, []byte(m.payload))
}

func matches(filter, topic string) bool {
	if rest, ok := strings.CutSuffix(filter, "#"); ok {
		return strings.HasPrefix(topic, rest)
	}
	return filter == topic
}

func (s *standIn) route(m message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.retain {
		s.retained[m.topic] = []byte(m.payload)
	}
	select {
	case s.posted <- m:
	default:
	}
	for p, filters := range s.subs {
		for _, f := range filters {
			if matches(f, m.topic) {
				p.deliver(message{m.topic, m.payload, false})
			}
		}
	}
}
