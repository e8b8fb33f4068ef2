package engine

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"fmt"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/gopacket/layers"
)

// A turn is what one side says: "> text" the client, "< text" the server.
type talk []string

// heard is a side of a connection that writes down what both say.
type heard struct {
	net.Conn
	arrow string
	mu    *sync.Mutex
	all   *talk
}

func (h heard) Write(b []byte) (int, error) {
	h.mu.Lock()
	*h.all = append(*h.all, h.arrow+string(b))
	h.mu.Unlock()
	return h.Conn.Write(b)
}

// secret is a whole TLS session for a host, as crypto/tls speaks it.
func secret(t *testing.T, host string, version uint16, alpn ...string) (all talk) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "inner.example.org"}, DNSNames: []string{"inner.example.org"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	a, b := net.Pipe()
	var mu sync.Mutex
	client := tls.Client(heard{a, "> ", &mu, &all}, &tls.Config{ServerName: host, InsecureSkipVerify: true, MaxVersion: version, NextProtos: alpn, CurvePreferences: []tls.CurveID{tls.X25519}})
	server := tls.Server(heard{b, "< ", &mu, &all}, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, NextProtos: alpn, SessionTicketsDisabled: true})
	done := make(chan error, 1)
	go func() { done <- server.Handshake() }()
	if err := client.Handshake(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	return append(talk(nil), all...)
}

// proxy2 is a head of the PROXY protocol, version 2, for TCP over IPv4.
const proxy2 = "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\xc0\x00\x02\x05\xc0\x00\x02\x06\x9c\x40\x00\x50"

// frame is a frame of HTTP/2 (RFC 9113, section 4.1).
func frame(kind, flags byte, stream uint32, body string) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body))<<8|uint32(kind))
	return string(binary.BigEndian.AppendUint32(append(b, flags), stream)) + body
}

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

// literal is a header field that is not indexed, its name of the static table (RFC 7541, section 6.2.2).
func literal(index byte, value string) string {
	return string([]byte{index, byte(len(value))}) + value
}

func headers2(authority string, more string) string {
	return preface + frame(4, 0, 0, "") + frame(1, 5, 1, "\x82\x86\x84\x01"+string([]byte{byte(len(authority))})+authority+more)
}

func both(lists ...talk) (all talk) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

const ok200 = "< HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 0\r\n\r\n"

// Ports of nobody: below and above that of the client.
const lowPort, highPort = 20123, 60123

// ways are how a talk may be seen: at its port (0) or at one of nobody, from its
// opening on or without it, over IPv4 or IPv6, in whole segments (0), in halves
// (-1) or in pieces of a few bytes.
var ways = []struct {
	port   int
	opened bool
	v6     bool
	size   int
}{
	{0, true, false, 0}, {0, true, false, -1}, {0, true, false, 3}, {0, true, false, 1}, {0, true, true, 0}, {0, true, true, 3},
	{lowPort, true, false, 0}, {lowPort, true, false, 3}, {lowPort, true, true, -1}, {highPort, true, false, 0}, {highPort, true, true, 1},
	{0, false, false, 0}, {0, false, true, 3}, {lowPort, false, false, 0}, {lowPort, false, true, 3}, {highPort, false, false, 0}, {highPort, false, true, -1},
}

// TestKinds says the same in many ways. The name, the host and the user agent
// must come out each time.
func TestKinds(t *testing.T) {
	get := "> GET /x HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: test\r\n\r\n"
	tls13 := secret(t, "www.example.org", tls.VersionTLS13, "h2", "http/1.1")
	tls12 := secret(t, "www.example.org", tls.VersionTLS12, "http/1.1")
	socks5 := talk{"> \x05\x01\x00", "< \x05\x00", "> \x05\x01\x00\x03\x0fwww.example.org\x00\x50", "< \x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"}
	socks4a := talk{"> \x04\x01\x00\x50\x00\x00\x00\x01user\x00www.example.org\x00", "< \x00\x5a\x00\x00\x00\x00\x00\x00"}
	outer5 := talk{socks5[0], socks5[1], strings.Replace(socks5[2], "\x0fwww.example.org", "\x11proxy.example.net", 1), socks5[3]}
	connect, granted := "> CONNECT www.example.org:443 HTTP/1.1\r\nHost: www.example.org:443\r\nUser-Agent: test\r\n\r\n", "< HTTP/1.1 200 OK\r\n\r\n"
	smtp := talk{"< 220 mx.example.net ESMTP ready\r\n", "> EHLO client.example.org\r\n", "< 250 mx.example.net\r\n", "> QUIT\r\n"}
	for _, c := range []struct {
		what  string
		port  int
		say   talk
		want  string
		needs bool // who opened it, or its port
	}{
		{what: "HTTP", port: 80, say: talk{get, ok200}, want: "HTTP www.example.org test"},
		{what: "an empty line before it", port: 80, say: talk{"> \r\n" + get[2:], ok200}, want: "HTTP www.example.org test"},
		{what: "the method QUERY", port: 80, say: talk{"> QUERY" + get[5:], ok200}, want: "HTTP www.example.org test"},
		{what: "a method of nobody", port: 80, say: talk{"> X-FETCH" + get[5:], ok200}, want: "HTTP www.example.org test"},
		{what: "an absolute target", port: 80, say: talk{"> GET http://www.example.org/x HTTP/1.1\r\nHost: other.example.net\r\nUser-Agent: test\r\n\r\n", ok200}, want: "HTTP/Proxy www.example.org test"},
		{what: "a name and a password in it", port: 80, say: talk{"> GET http://alice:secret@www.example.org:81/x HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: test\r\n\r\n", ok200}, want: "HTTP/Proxy www.example.org test"},
		{what: "a zero in the name", port: 80, say: talk{strings.Replace(get, "www.example.org", "www.netflix.com\x00.evil.example", 1), ok200}, want: "HTTP - test"},
		{what: "a comma in the name", port: 80, say: talk{strings.Replace(get, "www.example.org", "www.netflix.com,evil", 1), ok200}, want: "HTTP - test"},
		{what: "a slash in the name", port: 80, say: talk{strings.Replace(get, "www.example.org", "www.netflix.com/evil", 1), ok200}, want: "HTTP - test"},
		{what: "two names", port: 80, say: talk{"> GET /x HTTP/1.1\r\nHost: www.netflix.com\r\nHost: www.example.org\r\nUser-Agent: test\r\n\r\n", ok200}, want: "HTTP - test"},
		{what: "a field over two lines", port: 80, say: talk{"> GET /x HTTP/1.1\r\nHost:\r\n www.example.org\r\nUser-Agent: te\r\n\tst\r\n\r\n", ok200}, want: "HTTP www.example.org te st"},
		{what: "an address of IPv6", port: 80, say: talk{strings.Replace(get, "www.example.org", "[2001:DB8::1]:8080", 1), ok200}, want: "HTTP [2001:db8::1] test"},
		{what: "the server names a host", port: 80, say: talk{get, "< HTTP/1.1 200 OK\r\nHost: www.netflix.com\r\nUser-Agent: evil\r\n\r\n"}, want: "HTTP www.example.org test"},
		{what: "the server sends a request", port: 80, say: talk{get, "< GET / HTTP/1.1\r\nHost: www.netflix.com\r\nUser-Agent: evil\r\n\r\n"}, want: "HTTP www.example.org test", needs: true},
		{what: "100 Continue", port: 80, say: talk{"> PUT" + get[5:len(get)-2] + "Expect: 100-continue\r\n\r\n", "< HTTP/1.1 100 Continue\r\n\r\n", "> x", ok200}, want: "HTTP www.example.org test"},
		{what: "HTTP/2 in clear text", port: 80, say: talk{"> " + headers2("www.example.org", "\x0f\x2b\x04test"), "< " + frame(4, 0, 0, "")}, want: "HTTP/2 www.example.org test"},
		{what: "its settings alone first", port: 80, say: talk{"> " + preface + frame(4, 0, 0, "\x00\x03\x00\x00\x00\x64"), "< " + frame(4, 0, 0, ""), "> " + frame(4, 1, 0, "") + headers2("www.example.org", "\x0f\x2b\x04test")[len(preface)+9:]}, want: "HTTP/2 www.example.org test"},
		{what: "gRPC", port: 9090, say: talk{"> " + headers2("www.example.org", literal(0x0f, "")[:1]+"\x10\x10application/grpc"), "< " + frame(4, 0, 0, "")}, want: "gRPC www.example.org -"},
		{what: "TLS 1.3", port: 443, say: tls13, want: "HTTP/S www.example.org -"},
		{what: "TLS 1.2", port: 443, say: tls12, want: "HTTP/S www.example.org -"},
		{what: "SOCKS5 and HTTP", port: 1080, say: both(socks5, talk{get, ok200}), want: "SOCKS www.example.org test"},
		{what: "SOCKS5 and TLS", port: 1080, say: both(socks5, tls13), want: "SOCKS www.example.org -"},
		{what: "SOCKS4a and HTTP", port: 1080, say: both(socks4a, talk{get, ok200}), want: "SOCKS www.example.org test"},
		{what: "SOCKS5 refused", port: 1080, say: talk{"> \x05\x02\x00\x02", "< \x05\xff"}, want: "SOCKS - -"},
		{what: "SOCKS5 with a password", port: 1080, say: both(talk{"> \x05\x02\x00\x02", "< \x05\x02", "> \x01\x04user\x04pass", "< \x01\x00"}, socks5[2:], talk{get, ok200}), want: "SOCKS www.example.org test"},
		{what: "PROXY 1 and HTTP", port: 80, say: talk{"> PROXY TCP4 192.0.2.5 192.0.2.6 40000 80\r\n" + get[2:], ok200}, want: "HTTP www.example.org test"},
		{what: "PROXY 1 alone, then HTTP", port: 80, say: talk{"> PROXY TCP6 2001:db8::5 2001:db8::6 40000 80\r\n", get, ok200}, want: "HTTP www.example.org test"},
		{what: "PROXY 2 and HTTP", port: 80, say: talk{"> " + proxy2 + get[2:], ok200}, want: "HTTP www.example.org test"},
		{what: "PROXY 2 and TLS", port: 443, say: both(talk{"> " + proxy2}, tls13), want: "HTTP/S www.example.org -"},
		{what: "PROXY 2 and TLS of a resolver", port: 443, say: both(talk{"> " + proxy2}, secret(t, "dns.quad9.net", tls.VersionTLS13, "h2")), want: "DoH dns.quad9.net -"},
		{what: "PROXY 1 and SMTP", port: 25, say: both(talk{"> PROXY TCP4 192.0.2.5 192.0.2.6 40000 25\r\n"}, smtp), want: "SMTP mx.example.net -"},
		{what: "PROXY 1 and MQTT", port: 1883, say: talk{"> PROXY TCP4 192.0.2.5 192.0.2.6 40000 1883\r\n", "> \x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04test", "< \x20\x02\x00\x00"}, want: "MQTT - -"},
		{what: "PROXY 2 and Redis", port: 6379, say: talk{"> " + proxy2 + "*1\r\n$4\r\nPING\r\n", "< +PONG\r\n"}, want: "Redis - -", needs: true},
		{what: "PROXY 1 and CONNECT", port: 3128, say: both(talk{"> PROXY TCP4 192.0.2.5 192.0.2.6 40000 3128\r\n" + connect[2:], granted}, tls13), want: "HTTP/Connect www.example.org test"},
		{what: "PROXY 2 and SOCKS5", port: 1080, say: both(talk{"> " + proxy2}, socks5, talk{get, ok200}), want: "SOCKS www.example.org test"},
		{what: "SOCKS5 in SOCKS5", port: 1080, say: both(outer5, socks5, tls13), want: "SOCKS www.example.org -"},
		{what: "SOCKS4a in SOCKS5", port: 1080, say: both(outer5, socks4a, talk{get, ok200}), want: "SOCKS www.example.org test"},
		{what: "SOCKS5 in SOCKS4a", port: 1080, say: both(talk{strings.Replace(socks4a[0], "www.example.org", "proxy.example.net", 1), socks4a[1]}, socks5, talk{get, ok200}), want: "SOCKS www.example.org test"},
		{what: "CONNECT in SOCKS5", port: 1080, say: both(outer5, talk{connect, granted}, tls13), want: "SOCKS www.example.org test"},
		{what: "a proxy's request in SOCKS5", port: 1080, say: both(outer5, talk{"> GET http://www.example.org/x HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: test\r\n\r\n", ok200}), want: "SOCKS www.example.org test"},
		{what: "SOCKS5 in CONNECT", port: 3128, say: both(talk{strings.Replace(connect, "www.example.org:443", "proxy.example.net:1080", -1), granted}, socks5, tls13), want: "HTTP/Connect www.example.org test"},
		{what: "CONNECT in CONNECT", port: 3128, say: both(talk{strings.Replace(connect, "www.example.org:443", "proxy.example.net:3128", -1), granted, connect, granted}, tls13), want: "HTTP/Connect www.example.org test"},
		{what: "SMTP", port: 25, say: smtp, want: "SMTP mx.example.net -"},
		{what: "SMTP and TLS", port: 25, say: both(smtp[:2], talk{"< 250-mx.example.net\r\n250 STARTTLS\r\n", "> STARTTLS\r\n", "< 220 go\r\n"}, tls12), want: "SMTP/S www.example.org -"},
		{what: "LDAP and TLS", port: 389, say: both(talk{"> \x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037", "< \x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"}, tls12), want: "LDAP www.example.org -", needs: true},
		{what: "lines before SSH", port: 22, say: talk{"< Unauthorized use is prohibited.\r\nGo away.\r\nSSH-2.0-OpenSSH_9.6\r\n", "> SSH-2.0-PuTTY_Release_0.80\r\n"}, want: "SSH - -"},
		{what: "SSH, the client first", port: 22, say: talk{"> SSH-2.0-PuTTY_Release_0.80\r\n", "< SSH-2.0-OpenSSH_9.6\r\n"}, want: "SSH - -"},
		{what: "Redis, inline", port: 6379, say: talk{"> AUTH secret\r\n", "< +OK\r\n", "> PING\r\n", "< +PONG\r\n"}, want: "Redis - -", needs: true},
		{what: "Telnet with one option", port: 23, say: talk{"< \xff\xfd\x18\xff\xfd\x20", "> \xff\xfb\x18\xff\xfc\x20"}, want: "Telnet - -"},
		{what: "a text with a line of FTP", port: 80, say: talk{"> POST /x HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: test\r\nContent-Length: 21\r\n\r\nPORT 10,0,0,1,4,1\r\n\r\n", ok200}, want: "HTTP www.example.org test"},
	} {
		for _, way := range ways {
			port := way.port
			if port == 0 {
				port = c.port
			}
			if c.needs && !way.opened && port >= highPort {
				continue
			}
			w := newWorld(t, nil)
			f := &conn{w, "192.168.1.10", "203.0.113.9", 40000, port, 1000, 5000}
			if way.v6 {
				f.client, f.server = "2001:db8:1::10", "2001:db8:2::9"
			}
			if way.opened {
				f = w.dial(f.client, 40000, f.server, port)
			}
			play(f, c.say, way.size)
			w.wait(10 * time.Minute)
			if got := heardAs(w.events()); got != c.want {
				t.Errorf("%s, %+v: %q, want %q", c.what, way, got, c.want)
			}
		}
	}
}

// play says a talk in segments of size bytes; 0: whole, -1: in halves.
func play(c *conn, say talk, size int) {
	for _, turn := range say {
		text, n := turn[2:], size
		switch {
		case size < 0:
			n = max(1, (len(text)+1)/2)
		case size == 0 || len(text)/max(1, size) > 200: // a flight of certificates is not cut into a thousand
			n = len(text)
		}
		for ; len(text) > 0; text = text[min(n, len(text)):] {
			c.send(turn[0] == '>', &layers.TCP{ACK: true, PSH: true}, text[:min(n, len(text))])
		}
	}
}

// heardAs is protocol, host and user agent of the flow that was told, "-" for none.
func heardAs(lines []line) string {
	out := "nothing"
	for _, l := range lines {
		if l.Type != "flow" {
			continue
		}
		http, _ := l.Flow["http"].(map[string]any)
		host, agent := l.Flow["host_server_name"], http["user_agent"]
		if host == nil {
			host = "-"
		}
		if agent == nil {
			agent = "-"
		}
		out = fmt.Sprint(l.Flow["detected_protocol_name"], " ", host, " ", agent)
	}
	return out
}
