package engine

import (
	"testing"

	"github.com/google/gopacket/layers"

	"netifyd/core/config"
)

const (
	fakeAsked = "GET /other HTTP/1.1\r\nHost: www.wikipedia.org\r\nUser-Agent: fake\r\nAccept: text/html, and more than was asked in the other\r\n\r\n"
	answerOK  = "HTTP/1.1 200 OK\r\nServer: s\r\n\r\n"
)

// A client sends a request for the network to read before its own, which the
// server never gets: it lives too short, or its checksum is wrong.
func TestFakeBeginnings(t *testing.T) {
	mark := map[string]func(w *world, fake bool){
		"short-lived": func(w *world, fake bool) {
			if w.hops = 64; fake {
				w.hops = 5
			}
		},
		"wrong checksum": func(w *world, fake bool) { w.wrong = fake },
	}
	type step struct {
		fake bool
		from int
		text string
	}
	half := len(asked) / 2
	for name, steps := range map[string][]step{
		"whole":                       {{true, 0, fakeAsked}, {false, 0, asked}},
		"twice":                       {{true, 0, fakeAsked}, {true, 0, fakeAsked}, {false, 0, asked}},
		"before and behind":           {{true, 0, fakeAsked}, {false, 0, asked}, {true, 0, fakeAsked}},
		"the true one in halves":      {{true, 0, fakeAsked}, {false, 0, asked[:half]}, {false, half, asked[half:]}},
		"in halves, turned round":     {{true, 0, fakeAsked}, {false, half, asked[half:]}, {true, 0, fakeAsked}, {false, 0, asked[:half]}},
		"both in halves":              {{true, 0, fakeAsked[:half]}, {false, 0, asked[:half]}, {true, half, fakeAsked[half:]}, {false, half, asked[half:]}, {true, half, fakeAsked[half:]}},
		"both in halves, fakes first": {{true, 0, fakeAsked[:half]}, {true, half, fakeAsked[half:]}, {false, 0, asked[:half]}, {false, half, asked[half:]}},
		"zeros":                       {{true, 0, string(make([]byte, 300))}, {false, 0, asked}},
		"TLS":                         {{true, 0, "\x16\x03\x01\x00\x80\x01\x00\x00\x7c\x03\x03"}, {false, 0, asked}},
	} {
		for how, set := range mark {
			t.Run(name+", "+how, func(t *testing.T) {
				w := newWorld(t, func(c *config.Config) { c.Checksums = true })
				set(w, false)
				c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
				for _, s := range steps {
					c.cseq = 1001 + uint32(s.from)
					set(w, s.fake)
					c.up(s.text)
				}
				set(w, false)
				c.send(false, &layers.TCP{ACK: true, PSH: true, Ack: 1001 + uint32(len(asked))}, answerOK)
				w.wait(90e9)
				lines := w.events()
				if got := hostOf(lines); got != "HTTP www.example.org test" {
					t.Errorf("%q\n%s", got, story(lines))
				}
			})
		}
	}
}

// What lives shorter than the SYN is believed once it was answered: paths change.
func TestShorterPathIsBelieved(t *testing.T) {
	w := newWorld(t, nil)
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	w.hops = 63
	c.up(asked[:20])
	c.up(asked[20:])
	w.hops = 60
	c.send(false, &layers.TCP{ACK: true, PSH: true, Ack: c.cseq}, answerOK)
	w.wait(90e9)
	if got := hostOf(w.events()); got != "HTTP www.example.org test" {
		t.Errorf("%q", got)
	}
}

// Without the option a checksum is not looked at: a card may fill it in later.
func TestWrongChecksums(t *testing.T) {
	for _, on := range []bool{false, true} {
		w := newWorld(t, func(c *config.Config) { c.Checksums = on })
		c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
		w.wrong = true
		c.up(asked)
		if n := w.shard.slots.InUse(); n != 1 {
			t.Errorf("%d slots in use", n)
		}
		w.wrong = false
		c.send(false, &layers.TCP{ACK: true, PSH: true, Ack: c.cseq}, answerOK)
		w.wait(90e9)
		if got := hostOf(w.events()); got != "HTTP www.example.org test" {
			t.Errorf("checksums %v: %q", on, got)
		}
	}
}

// A segment that acknowledges nothing is dropped by the server (RFC 9293, section 3.10.7.4).
func TestNoAcknowledgement(t *testing.T) {
	w := newWorld(t, nil)
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	c.send(true, &layers.TCP{PSH: true}, fakeAsked)
	c.cseq = 1001
	c.up(asked)
	c.send(false, &layers.TCP{ACK: true, PSH: true, Ack: c.cseq}, answerOK)
	w.wait(90e9)
	if got := hostOf(w.events()); got != "HTTP www.example.org test" {
		t.Errorf("%q", got)
	}
}
