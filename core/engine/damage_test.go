package engine

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/google/gopacket/layers"
)

const asked = "GET /x HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: test\r\n\r\n"

// hostOf is the name and the user agent of the flow that was told.
func hostOf(lines []line) string {
	out := ""
	for _, l := range lines {
		if l.Type == "flow" {
			http, _ := l.Flow["http"].(map[string]any)
			out = fmt.Sprint(l.Flow["detected_protocol_name"], " ", l.Flow["host_server_name"], " ", http["user_agent"])
		}
	}
	return out
}

// A damaged beginning is still a beginning: each of these is one request.
func TestDamagedBeginnings(t *testing.T) {
	pieces := func(n int) (list []string) {
		for b := asked; len(b) > 0; b = b[min(n, len(b)):] {
			list = append(list, b[:min(n, len(b))])
		}
		return list
	}
	at := func(c *conn, n int, text string) {
		c.cseq = 1001 + uint32(n)
		c.up(text)
	}
	for name, send := range map[string]func(*world){
		"whole": func(w *world) { w.dial("192.168.1.7", 40000, "198.51.100.1", 8080).up(asked) },
		"half of it in the SYN": func(w *world) {
			c := &conn{w, "192.168.1.7", "198.51.100.1", 40000, 8080, 1000, 5000}
			c.send(true, &layers.TCP{SYN: true}, asked[:20])
			c.send(false, &layers.TCP{SYN: true, ACK: true}, "")
			c.up(asked[20:])
		},
		"the SYN's data sent again": func(w *world) {
			c := &conn{w, "192.168.1.7", "198.51.100.1", 40000, 8080, 1000, 5000}
			c.send(true, &layers.TCP{SYN: true}, asked[:20])
			c.send(false, &layers.TCP{SYN: true, ACK: true}, "")
			at(c, 0, asked)
		},
		"behind a padded acknowledgement": func(w *world) {
			c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
			c.send(true, &layers.TCP{ACK: true}, "\x00\x00")
			at(c, 0, asked)
		},
		"behind padding that is pushed": func(w *world) {
			c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
			for range 2 {
				c.up(strings.Repeat("\x00", 6))
				c.cseq = 1001
			}
			c.up(asked)
		},
		"in segments of 1 byte": func(w *world) {
			c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
			for _, p := range pieces(1) {
				c.up(p)
			}
		},
		"in 20 pieces, the last first": func(w *world) {
			c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
			list := pieces((len(asked) + 19) / 20)
			for i := len(list) - 1; i >= 0; i-- {
				at(c, i*len(list[0]), list[i])
			}
		},
		"in 20 pieces, shuffled": func(w *world) {
			c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
			list := pieces((len(asked) + 19) / 20)
			for _, i := range rand.New(rand.NewSource(1)).Perm(len(list)) {
				at(c, i*len(list[0]), list[i])
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			send(w)
			w.wait(20 * 60e9)
			lines := w.events()
			if got := hostOf(lines); got != "HTTP www.example.org test" {
				t.Errorf("%q\n%s", got, story(lines))
			}
			if name == "behind a padded acknowledgement" {
				if retrans, gaps := tcpOf(t, lines); retrans != 0.0 || gaps != 0.0 {
					t.Errorf("retrans %v, seq_errors %v", retrans, gaps)
				}
			}
		})
	}
}

// Bytes that mean nothing do not hold a slot for ever, however small their segments.
func TestManySmallSegmentsEnd(t *testing.T) {
	w := newWorld(t, nil)
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 9999)
	c.up("\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03") // a hello that never ends
	for range 5000 {
		c.up(strings.Repeat("\xaa", 3))
	}
	if n := w.shard.slots.InUse(); n != 0 {
		t.Errorf("%d slots in use", n)
	}
}

// A head in many pieces of a size that is not small is waited for, as one in
// single bytes is.
func TestHeadInTens(t *testing.T) {
	long := "GET /x HTTP/1.1\r\nCookie: " + strings.Repeat("c", 600) + "\r\nHost: www.example.org\r\nUser-Agent: test\r\n\r\n"
	for _, size := range []int{9, 10, 15, 20} {
		w := newWorld(t, nil)
		c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
		for text := long; text != ""; {
			n := min(size, len(text))
			c.up(text[:n])
			text = text[n:]
		}
		c.send(false, &layers.TCP{ACK: true, PSH: true, Ack: c.cseq}, answerOK)
		w.wait(90e9)
		lines := w.events()
		if got := hostOf(lines); got != "HTTP www.example.org test" {
			t.Errorf("pieces of %d: %q\n%s", size, got, story(lines))
		}
	}
}

// What a few bytes open the way for is known by its own beginning, whichever
// card could have gone on with those bytes.
func TestBehindOpenings(t *testing.T) {
	random := make([]byte, 232)
	rand.New(rand.NewSource(1)).Read(random)
	hello := "\x01\x00\x00\x00" + string(random[:144]) // WireGuard's, sizes of its paper, section 5.4
	answer := "\x02\x00\x00\x00" + string(random[144:])
	for _, opening := range []string{"\x00", "\x00\x00\x00\x00", "\xce\xfa\xed\xfe", "hello", "\xff\x99"} {
		for times := 1; times <= 3; times++ {
			w := newWorld(t, nil)
			for range times {
				w.say("192.168.1.7", "198.51.100.1", &layers.UDP{SrcPort: 40000, DstPort: 7000}, opening)
			}
			w.say("192.168.1.7", "198.51.100.1", &layers.UDP{SrcPort: 40000, DstPort: 7000}, hello)
			w.say("198.51.100.1", "192.168.1.7", &layers.UDP{SrcPort: 7000, DstPort: 40000}, answer[:8]+hello[4:8]+answer[12:])
			w.wait(90e9)
			if got := hostOf(w.events()); !strings.HasPrefix(got, "WireGuard ") {
				t.Errorf("%q %d times: %q", opening, times, got)
			}
		}
	}
}

// Zeros that begin a stream are data where the client goes on behind them, or
// the server answers.
func TestZerosAreData(t *testing.T) {
	negotiate := "\x00\x00\x00\x2f\xffSMBr\x00\x00\x00\x00\x18\x53\xc8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xfe\xff\x00\x00\x00\x00\x00\x0c\x00\x02NT LM 0.12\x00"
	for _, size := range []int{1, 2, 3, 4} {
		w := newWorld(t, nil)
		c := w.dial("192.168.1.7", 40000, "198.51.100.1", 445)
		for text := negotiate; text != ""; text = text[min(size, len(text)):] {
			c.up(text[:min(size, len(text))])
		}
		w.wait(90e9)
		if got := hostOf(w.events()); !strings.HasPrefix(got, "SMBv1 ") {
			t.Errorf("segments of %d: %q", size, got)
		}
	}
	for _, answer := range []string{"", "\x00\x01\x02"} { // no card knows them: the port says nothing then
		w := newWorld(t, nil)
		c := w.dial("192.168.1.7", 40000, "198.51.100.1", 443)
		c.up("\x00\x00\x00\x00")
		if answer != "" {
			c.send(false, &layers.TCP{ACK: true, PSH: true, Ack: c.cseq}, answer)
		}
		w.wait(20 * 60e9)
		if got := hostOf(w.events()); !strings.HasPrefix(got, "Unknown ") {
			t.Errorf("zeros, answered with %q: %q", answer, got)
		}
	}
}

// Reports come first where RTP and RTCP share a flow (RFC 5761).
func TestReportsBeforeMedia(t *testing.T) {
	report := "\x81\xc9\x00\x07\x11\x22\x33\x44\x55\x66\x77\x88" + strings.Repeat("\x00", 20) + "\x81\xca\x00\x03\x11\x22\x33\x44\x01\x03a?b\x00\x00\x00"
	for want, packets := range map[string][]string{
		"RTP ":  {report, report, "\x80\x6f\x00\x01\x00\x00\x00\x01\x55\x66\x77\x88media"},
		"RTCP ": {report, report, "\x00\x01\x00\x00\x21\x12\xa4\x42abcdefghijkl", report},
	} {
		w := newWorld(t, nil)
		for i, p := range packets {
			if i%2 == 0 {
				w.say("192.168.1.7", "198.51.100.1", &layers.UDP{SrcPort: 40000, DstPort: 20124}, p)
			} else {
				w.say("198.51.100.1", "192.168.1.7", &layers.UDP{SrcPort: 20124, DstPort: 40000}, p)
			}
		}
		w.wait(20 * 60e9)
		if got := hostOf(w.events()); !strings.HasPrefix(got, want) {
			t.Errorf("%q, want %s", got, want)
		}
		if n := w.shard.slots.InUse(); n != 0 {
			t.Errorf("%s: %d slots in use", want, n)
		}
	}
}
