package engine

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket/layers"

	"netifyd/core"
	"netifyd/core/config"
	"netifyd/core/flow"
	"netifyd/core/risk"
	"netifyd/core/usage"
)

// tap is one end of a connection in memory that gives what is written to a flow of a world.
type tap struct {
	net.Conn
	write func(text string)
}

func (t tap) Write(b []byte) (int, error) {
	t.write(string(b))
	return t.Conn.Write(b)
}

// authority signs certificates that are valid around the time of a world.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	now  time.Time
}

func newAuthority(t *testing.T, now time.Time) *authority {
	a := &authority{now: now}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	a.cert = &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test Authority"}, NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(9, 0, 0), IsCA: true, BasicConstraintsValid: true}
	return a
}

// leaf makes a certificate for names, valid from and to so many days from now; own: signed by itself.
func (a *authority) leaf(t *testing.T, from, to int, own, old bool, names ...string) tls.Certificate {
	c := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names, NotBefore: a.now.AddDate(0, 0, from), NotAfter: a.now.AddDate(0, 0, to)}
	var key any
	var public any
	if old { // suites without elliptic curves want RSA
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		key, public = k, &k.PublicKey
	} else {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		key, public = k, &k.PublicKey
	}
	parent, signer := a.cert, any(a.key)
	if own {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, public, signer)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// handshake lets a client and a server talk, and gives what each says to a flow of w.
func handshake(w *world, client, server *tls.Config) {
	c := w.dial("192.168.1.10", 40000, "203.0.113.9", 443)
	turn := make(chan func(), 64)
	a, b := net.Pipe()
	done := make(chan struct{}, 2)
	now := func() time.Time { return time.Unix(0, w.now) }
	start := now()
	client.Time, server.Time = func() time.Time { return start }, func() time.Time { return start }
	client.InsecureSkipVerify = true
	go func() {
		_ = tls.Client(tap{a, func(text string) { turn <- func() { c.up(text) } }}, client).Handshake()
		a.Close()
		done <- struct{}{}
	}()
	go func() {
		_ = tls.Server(tap{b, func(text string) { turn <- func() { c.down(text) } }}, server).Handshake()
		b.Close()
		done <- struct{}{}
	}()
	for ended := 0; ended < 2; {
		select {
		case say := <-turn:
			say()
		case <-done:
			ended++
		}
	}
	for len(turn) > 0 {
		(<-turn)()
	}
	c.close()
	w.wait(time.Minute)
}

// risksOf are the numbers in the newest event of a flow, and its score.
func risksOf(w *world) (numbers string, score float64) {
	for _, l := range w.events() {
		if l.Type == "flow" {
			r, _ := l.Flow["risks"].(map[string]any)
			score, _ = r["ndpi_risk_score"].(float64)
			numbers = strings.Trim(fmt.Sprint(r["risks"]), "[]")
			if r["ndpi_risk_score_client"].(float64)+r["ndpi_risk_score_server"].(float64) != score {
				numbers += " (the parts do not add up)"
			}
		}
	}
	return numbers, score
}

// TestBadServers: each server is wrong in one way, and that is what is told and nothing else.
func TestBadServers(t *testing.T) {
	a := newAuthority(t, time.Unix(1700000000, 0))
	const name = "www.example.org"
	for _, c := range []struct {
		what   string
		cert   tls.Certificate
		change func(client, server *tls.Config)
		want   string
	}{
		{"good", a.leaf(t, -10, 80, false, false, name), nil, "<nil>"},
		{"a wildcard", a.leaf(t, -10, 80, false, false, "*.example.org"), nil, "<nil>"},
		{"expired", a.leaf(t, -100, -10, false, false, name), nil, "30"},
		{"not yet valid", a.leaf(t, 5, 80, false, false, name), nil, "30"},
		{"self-signed", a.leaf(t, -10, 80, true, false, name), nil, "37"},
		{"wrong host", a.leaf(t, -10, 80, false, false, "mail.example.org"), nil, "31"},
		{"two labels for one star", a.leaf(t, -10, 80, false, false, "*.org"), nil, "31"},
		{"too long", a.leaf(t, -10, 800, false, false, name), nil, "32"},
		{"TLS 1.0", a.leaf(t, -10, 80, false, false, name), func(_, s *tls.Config) { s.MinVersion, s.MaxVersion = tls.VersionTLS10, tls.VersionTLS10 }, "36"},
		{"RC4", a.leaf(t, -10, 80, false, true, name), func(c, s *tls.Config) {
			c.CipherSuites, s.CipherSuites = []uint16{tls.TLS_ECDHE_RSA_WITH_RC4_128_SHA}, []uint16{tls.TLS_ECDHE_RSA_WITH_RC4_128_SHA}
		}, "41"},
		{"no name", a.leaf(t, -10, 80, false, false, name), func(c, _ *tls.Config) { c.ServerName = "" }, "35"},
		{"no protocol", a.leaf(t, -10, 80, false, false, name), func(c, s *tls.Config) { c.NextProtos, s.NextProtos = nil, nil }, "47"},
		{"odd protocol", a.leaf(t, -10, 80, false, false, name), func(c, s *tls.Config) { c.NextProtos, s.NextProtos = []string{"c2-7"}, nil }, "40"},
		{"refused", a.leaf(t, -10, 80, false, false, name), func(_, s *tls.Config) { s.NextProtos = []string{"other"} }, "33"},
	} {
		client := &tls.Config{ServerName: name, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS12}
		server := &tls.Config{Certificates: []tls.Certificate{c.cert}, NextProtos: []string{"http/1.1"}}
		if c.change != nil {
			c.change(client, server)
		}
		for _, off := range []bool{false, true} {
			w := newWorld(t, func(cfg *config.Config) {
				if off {
					cfg.DisabledRisks = []string{"all"}
				}
			})
			handshake(w, client.Clone(), server.Clone())
			got, score := risksOf(w)
			if off && (got != "<nil>" || score != 0) {
				t.Errorf("%s: switched off, and still %s", c.what, got)
			}
			if !off && (got != c.want || (score == 0) != (got == "<nil>")) {
				t.Errorf("%s: risks %s, score %v, want %s", c.what, got, score, c.want)
			}
		}
	}
}

// TestRisksOfTalk: what detectors read reaches the rules and the events.
func TestRisksOfTalk(t *testing.T) {
	for _, c := range []struct {
		what string
		port int
		play func(c *conn)
		want string
	}{
		{"a page", 80, func(c *conn) { c.up(request); c.down("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") }, "<nil>"},
		{"a password of HTTP", 80, func(c *conn) {
			c.up("GET / HTTP/1.1\r\nHost: www.example.org\r\nAuthorization: Basic YWxpY2U6c2VjcmV0\r\n\r\n")
			c.down("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		}, "3"},
		{"a program", 80, func(c *conn) {
			c.up(request)
			c.down("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n")
			c.down("\x7fELF\x02\x01\x01\x00" + strings.Repeat("\x00", 60))
		}, "2"},
		{"a program as a picture", 80, func(c *conn) {
			c.up(request)
			c.down("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x7fELF\x02\x01\x01\x00" + strings.Repeat("\x00", 60))
		}, "2 11"},
		{"two hosts", 80, func(c *conn) {
			c.up("GET / HTTP/1.1\r\nHost: a.example.org\r\nHost: b.example.org\r\n\r\n")
			c.down("HTTP/1.1 200 OK\r\n\r\n")
		}, "12"},
		{"a smuggled request", 80, func(c *conn) {
			c.up("POST / HTTP/1.1\r\nHost: a.example.org\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n")
			c.down("HTTP/1.1 200 OK\r\n\r\n")
		}, "12"},
		{"FTP", 21, func(c *conn) {
			c.down("220 FTP server ready\r\n")
			c.up("USER alice\r\n")
			c.down("331 Password\r\n")
			c.up("PASS secret\r\n")
		}, "3"},
		{"FTP for everybody", 21, func(c *conn) {
			c.down("220 FTP server ready\r\n")
			c.up("USER anonymous\r\n")
			c.down("331 Password\r\n")
			c.up("PASS a@example.org\r\n")
		}, "<nil>"},
		{"POP3", 110, func(c *conn) { c.down("+OK POP3 ready\r\n"); c.up("USER alice\r\n"); c.down("+OK\r\n") }, "3"},
		{"POP3 with a digest", 110, func(c *conn) {
			c.down("+OK POP3 ready <1.2@example.org>\r\n")
			c.up("APOP alice c4c9334bac560ecc979e58001b3e22fb\r\n")
			c.down("+OK\r\n")
		}, "<nil>"},
		{"IMAP", 143, func(c *conn) {
			c.down("* OK IMAP4rev1 ready\r\n")
			c.up("a1 LOGIN alice secret\r\n")
			c.down("a1 OK\r\n")
		}, "3"},
		{"SMTP", 587, func(c *conn) {
			c.down("220 mx.example.org ESMTP\r\n")
			c.up("EHLO a\r\n")
			c.down("250 AUTH PLAIN\r\n")
			c.up("AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n")
		}, "3"},
		{"Telnet", 23, func(c *conn) {
			c.down("\xff\xfd\x18\xff\xfd\x20\xff\xfd\x23")
			c.up("\xff\xfb\x18\xff\xfb\x20\xff\xfc\x23")
			c.down("router login: ")
		}, "3"},
		{"an old SSH", 22, func(c *conn) { c.down("SSH-2.0-OpenSSH_5.3\r\n"); c.up("SSH-2.0-OpenSSH_9.2\r\n") }, "26"},
		{"SSH at a port of the Web", 80, func(c *conn) { c.down("SSH-2.0-OpenSSH_9.3\r\n"); c.up("SSH-2.0-OpenSSH_9.2\r\n") }, "16"},
	} {
		w := newWorld(t, nil)
		conn := w.dial("192.168.1.10", 40000, "203.0.113.9", c.port)
		c.play(conn)
		conn.close()
		w.wait(time.Minute)
		if got, _ := risksOf(w); got != c.want {
			t.Errorf("%s: risks %s, want %s", c.what, got, c.want)
		}
	}
}

// TestRiskStays: what the question showed is told of the flow also once the
// answer, which shows nothing, was looked at.
func TestRiskStays(t *testing.T) {
	w := newWorld(t, nil)
	question := ipv4(nil, ipUDP, 0xc0a8010a, 0xc6336414, udp(nil, 40000, 53, []byte(dnsQuestion("in.example.org"))))
	answer := ipv4(nil, ipUDP, 0xc6336414, 0xc0a8010a, udp(nil, 53, 40000, []byte(dnsAnswer("in.example.org", "203.0.113.9", 60))))
	const head, part = 14 + 20, 16
	piece := func(from, to, offset int) []byte {
		b := append(append([]byte{}, question[:head]...), question[head+from:head+to]...)
		b[14+2], b[14+3] = 0, byte(20+to-from)
		b[14+6], b[14+7] = byte(offset>>8), byte(offset)
		return b
	}
	var frames []core.Frame
	for _, b := range [][]byte{piece(0, part, 0x2000), piece(part, len(question)-head, part/8), answer} {
		w.now += 1e6
		frames = append(frames, core.Frame{Data: b, Time: w.now, Length: len(b), Link: core.LinkEthernet})
	}
	w.shard.walk(w.iface, &core.Batch{Frames: frames, Now: w.now})
	w.wait(time.Minute)
	if got, _ := risksOf(w); got != "5" {
		t.Errorf("risks %s, want 5", got)
	}
}

// TestOneSided: who is not answered is told of once enough was sent.
func TestOneSided(t *testing.T) {
	for _, c := range []struct {
		to      string
		packets int
		answer  bool
		want    string
	}{{"203.0.113.9", 12, false, "46"}, {"203.0.113.9", 12, true, "<nil>"}, {"239.255.255.250", 12, false, "<nil>"}, {"203.0.113.9", 2, false, "<nil>"}} {
		w := newWorld(t, nil)
		for range c.packets {
			w.say("192.168.1.10", c.to, &layers.UDP{SrcPort: 40000, DstPort: 41000}, "\x91 nothing that anybody knows \xfe")
			if c.answer {
				w.say(c.to, "192.168.1.10", &layers.UDP{SrcPort: 41000, DstPort: 40000}, "\x91 nothing that anybody knows \xfe")
			}
		}
		w.wait(5 * time.Minute)
		if got, _ := risksOf(w); got != c.want {
			t.Errorf("%d packets to %s: risks %s, want %s", c.packets, c.to, got, c.want)
		}
	}
}

// A risk that is high is noted for the alerts with its device, once; one that is
// low is not.
func TestRiskIsToldWithItsDevice(t *testing.T) {
	w := newWorld(t, nil)
	play := func(port int, lines ...string) {
		c := w.dial("192.168.1.10", 40000+port, "203.0.113.9", port)
		for i, l := range lines {
			if i%2 == 0 {
				c.down(l)
			} else {
				c.up(l)
			}
		}
		c.close()
		w.wait(time.Minute)
	}
	var told []usage.AtRisk
	drain := func() {
		told = told[:0]
		w.shard.usage.Devices.Lock()
		w.shard.usage.DrainAtRisk(func(r usage.AtRisk) { told = append(told, r) })
		w.shard.usage.Devices.Unlock()
	}
	play(80, "SSH-2.0-OpenSSH_9.3\r\n", "SSH-2.0-OpenSSH_9.2\r\n") // at an odd port: low
	if drain(); len(told) != 0 {
		t.Errorf("a low risk was told: %+v", told)
	}
	for range 2 {
		play(21, "220 FTP server ready\r\n", "USER alice\r\n", "331 Password\r\n", "PASS secret\r\n")
	}
	drain()
	if len(told) != 1 || told[0].Risk != uint8(risk.Credentials) || told[0].Flows != 2 {
		t.Fatalf("told %+v, want two flows with credentials", told)
	}
	if d := w.shard.usage.Devices; d.Text(told[0].Device) != "192.168.1.10" {
		t.Errorf("the device is %s", d.Text(told[0].Device))
	}
	if drain(); len(told) != 0 {
		t.Errorf("it was told twice: %+v", told)
	}
	c := w.dial("192.168.1.10", 40000, "203.0.113.9", 21)
	for i, l := range []string{"220 FTP server ready\r\n", "USER alice\r\n", "331 Password\r\n", "PASS secret\r\n"} {
		if i%2 == 0 {
			c.down(l)
		} else {
			c.up(l)
		}
	}
	for i := range w.shard.table.Cap() {
		if r := w.shard.table.At(i); r != nil && r.IsFlow() {
			r.Marks |= flow.Twin
		}
	}
	c.close()
	w.wait(time.Minute)
	if drain(); len(told) != 0 {
		t.Errorf("what another capture tells was told here too: %+v", told)
	}
}
