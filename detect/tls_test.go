package detect

import (
	"bytes"
	"crypto/ecdh"
	crand "crypto/rand"
	"crypto/sha1"
	"crypto/tls"
	"io"
	"math/rand"
	"net"
	"slices"
	"sync"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

// tlsKin is what TLS turns into by ALPN, host or port, without those that other
// cards name too, after STARTTLS.
var tlsKin = []proto.ID{proto.HTTPS, proto.DoT, proto.DoH, proto.NNTPS, proto.SIPS, proto.IRCS, proto.Tor}

func TestTLS(t *testing.T) { testProtocol(t, proto.TLS, tlsKin...) }

// tap keeps what is read from a connection.
type tap struct {
	net.Conn
	mu   sync.Mutex
	read []byte
}

func (c *tap) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.mu.Lock()
	c.read = append(c.read, b[:n]...)
	c.mu.Unlock()
	return n, err
}

// tlsStreams is a real handshake and a few bytes of data: both directions.
func tlsStreams(t testing.TB, version uint16, name string, alpn []string, groups ...tls.CurveID) (c, s []byte) {
	return tlsSession(t, &tls.Config{ServerName: name, NextProtos: alpn, MinVersion: tls.VersionTLS10, InsecureSkipVerify: true},
		&tls.Config{Certificates: []tls.Certificate{testCertificate()}, NextProtos: alpn, MaxVersion: version, MinVersion: tls.VersionTLS10, CurvePreferences: groups, SessionTicketsDisabled: true})
}

// tlsSession is tlsStreams of a client and a server that are set up otherwise.
func tlsSession(t testing.TB, of, to *tls.Config) (c, s []byte) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	a, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	client, server := &tap{Conn: a}, &tap{Conn: b}
	done := make(chan error, 1)
	go func() {
		conn := tls.Server(server, to)
		_, err := conn.Read(make([]byte, 5))
		if err == nil {
			_, err = conn.Write([]byte("world"))
		}
		done <- err
	}()
	conn := tls.Client(client, of)
	if _, err := conn.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	client.mu.Lock()
	server.mu.Lock()
	defer client.mu.Unlock()
	defer server.mu.Unlock()
	return server.read, client.read
}

// tlsSay asks the card about the first bytes of both directions.
func tlsSay(c, s []byte, port uint16) (Verdict, *Result) {
	res := new(Result)
	res.Reset(proto.TLS)
	in := Input{Over: TCP, IPProtocol: 6, ServerPort: port, ClientPort: 40000, ToServer: c, ToClient: s}
	return inspectTLSCard(&in, res), res
}

// told is everything that a result tells, for comparing.
func told(res *Result) (all []string) {
	for k := attr.Key(1); int(k) < attr.Number; k++ {
		for v, at := res.Next(k, 0); at != 0; v, at = res.Next(k, at) {
			all = append(all, k.Info().Name+"="+string(v))
		}
	}
	return all
}

func TestTLSTells(t *testing.T) {
	for _, c := range []struct {
		name    string
		version uint16
		groups  []tls.CurveID
	}{
		{"1.2", tls.VersionTLS12, nil},
		{"1.3", tls.VersionTLS13, nil},
		{"1.3 after a retry", tls.VersionTLS13, []tls.CurveID{tls.CurveP521}},
	} {
		client, server := tlsStreams(t, c.version, "www.Example.com", []string{"h2", "http/1.1"}, c.groups...)
		v, res := tlsSay(client, server, 443)
		if v != Match || res.More || res.Partial || res.Protocol != proto.HTTPS {
			t.Errorf("%s: verdict %d, more %v, partial %v, %v", c.name, v, res.More, res.Partial, res.Protocol)
		}
		if sni, host := string(res.Get(attr.TLSSNI)), string(res.Get(attr.HostName)); sni != "www.Example.com" || host != "www.example.com" {
			t.Errorf("%s: SNI %q, host %q", c.name, sni, host)
		}
		if n, _ := res.Number(attr.TLSVersion); n != uint64(c.version) {
			t.Errorf("%s: version %#x", c.name, n)
		}
		if n, _ := res.Number(attr.TLSCipher); n == 0 {
			t.Errorf("%s: no cipher", c.name)
		}
		if len(res.Get(attr.TLSJA3)) != 16 || len(res.Get(attr.TLSJA3S)) != 16 || len(res.Get(attr.TLSJA4)) != 36 {
			t.Errorf("%s: a fingerprint is missing", c.name)
		}
		leaf := sha1.Sum(testCertificate().Certificate[0])
		if c.version == tls.VersionTLS12 {
			if !bytes.Equal(res.Get(attr.TLSFingerprint), leaf[:]) || string(res.Get(attr.TLSServerCN)) != "www.example.com" ||
				string(res.Get(attr.TLSIssuerDN)) != "C=XX, O=Example, CN=www.example.com" || string(res.Get(attr.TLSALPNServer)) != "h2" {
				t.Errorf("%s: certificate %q", c.name, told(res))
			}
			from, _ := res.Number(attr.TLSNotBefore)
			to, _ := res.Number(attr.TLSNotAfter)
			if from != 1700000000 || to != 1800000000 {
				t.Errorf("%s: valid from %d to %d", c.name, from, to)
			}
		} else if res.Has(attr.TLSFingerprint) {
			t.Errorf("%s: a certificate that is encrypted", c.name)
		}

		// The wrong way round the same is told.
		if v, turned := tlsSay(server, client, 40000); v != Match || !slices.Equal(told(turned), told(res)) {
			t.Errorf("%s, turned: %q", c.name, told(turned))
		}
		// The hello alone, and the server alone.
		if v, alone := tlsSay(client[:len(client)/2], nil, 443); v != Match || !alone.More {
			t.Errorf("%s, half of the client: verdict %d, more %v", c.name, v, alone.More)
		}
		if v, alone := tlsSay(nil, server, 443); v != Match || alone.Has(attr.TLSSNI) || !bytes.Equal(alone.Get(attr.TLSJA3S), res.Get(attr.TLSJA3S)) {
			t.Errorf("%s, server alone: verdict %d %q", c.name, v, told(alone))
		}
		// At every prefix: never No, and nothing that the whole does not tell.
		whole := told(res)
		for n := 1; n <= len(client); n++ {
			if v, part := tlsSay(client[:n:n], nil, 443); v == No || v != Match && n >= 11 || v == Match && n < 200 && !part.More {
				t.Fatalf("%s: %d bytes of the client: verdict %d, more %v", c.name, n, v, part.More)
			}
		}
		for n := range server {
			v, part := tlsSay(client, server[:n:n], 443)
			if v != Match {
				t.Fatalf("%s: %d bytes of the server: verdict %d", c.name, n, v)
			}
			if n > 200 {
				for _, s := range told(part) {
					if !slices.Contains(whole, s) && part.Has(attr.TLSJA3S) {
						t.Fatalf("%s: %d bytes of the server tell %q", c.name, n, s)
					}
				}
			}
		}
	}
}

// echList is a list of one configuration of Encrypted Client Hello with a
// public name (RFC 9849, section 4), and the configuration and its key.
func echList(t testing.TB, public string) (list, config []byte, key *ecdh.PrivateKey) {
	key, err := ecdh.X25519().GenerateKey(crand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	body := append([]byte{7, 0, 0x20, 0, 32}, key.PublicKey().Bytes()...) // its number, DHKEM(X25519), key
	body = append(body, 0, 4, 0, 1, 0, 1, 64, byte(len(public)))          // HKDF-SHA256, AES-128-GCM, longest name
	body = append(append(body, public...), 0, 0)
	config = append([]byte{0xfe, 0x0d, 0, byte(len(body))}, body...)
	return append([]byte{0, byte(len(config))}, config...), config, key
}

// The answer to a HelloRetryRequest shows a true offer, in a tunnel too, where
// both hellos and both answers are looked at together.
func TestECHAfterRetryInATunnel(t *testing.T) {
	list, config, key := echList(t, "front.example.net")
	client, server := tlsSession(t,
		&tls.Config{ServerName: "secret.example.org", InsecureSkipVerify: true, MinVersion: tls.VersionTLS13, EncryptedClientHelloConfigList: list},
		&tls.Config{Certificates: []tls.Certificate{testCertificate()}, CurvePreferences: []tls.CurveID{tls.CurveP384},
			EncryptedClientHelloKeys: []tls.EncryptedClientHelloKey{{Config: config, PrivateKey: key.Bytes()}}})
	for name, ask := range map[string]func() *Result{
		"plain": func() *Result { _, res := tlsSay(client, server, 443); return res },
		"tunnel": func() *Result {
			return mustMatch(t, proto.HTTPConnect, proto.HTTPConnect, TCP, 3128, c("CONNECT 192.0.2.1:443 HTTP/1.1\r\n\r\n"), s("HTTP/1.1 200 OK\r\n\r\n"), said{false, client}, said{true, server})
		},
	} {
		res := ask()
		if got := string(res.Get(attr.TLSECH)); got != "offered" || string(res.Get(attr.TLSSNI)) != "front.example.net" || string(res.Get(attr.HostName)) == "front.example.net" {
			t.Errorf("%s: %q", name, told(res))
		}
	}
}

// rerecord puts the clear handshake of a stream into records of n bytes.
func rerecord(stream []byte, n int) (out []byte) {
	for len(stream) > 5 {
		size := int(stream[3])<<8 | int(stream[4])
		body := stream[5 : 5+size]
		if stream[0] != 22 {
			return append(out, stream...)
		}
		for len(body) > 0 {
			k := min(n, len(body))
			out = append(out, 22, stream[1], stream[2], byte(k>>8), byte(k))
			out = append(out, body[:k]...)
			body = body[k:]
		}
		stream = stream[5+size:]
	}
	return out
}

func TestTLSInSmallRecords(t *testing.T) {
	client, server := tlsStreams(t, tls.VersionTLS13, "www.example.com", []string{"h2"})
	_, want := tlsSay(client, server, 443)
	for _, n := range []int{3, 4, 5, 7, 50, 1000} {
		c := rerecord(client, n)
		v, res := tlsSay(c[:min(len(c), 4096)], rerecord(server, n), 443)
		if v != Match || !slices.Equal(told(res), told(want)) {
			t.Errorf("records of %d bytes: verdict %d %q", n, v, told(res))
		}
	}
}

func TestTLSNames(t *testing.T) {
	for _, c := range []struct {
		port uint16
		host string
		alpn []string
		want proto.ID
	}{
		{443, "www.example.com", nil, proto.HTTPS},
		{4443, "www.example.com", nil, proto.TLS},
		{4443, "www.example.com", []string{"h2", "http/1.1"}, proto.HTTPS},
		{4443, "www.example.com", []string{"h2", "private/1"}, proto.TLS},
		{853, "resolver.example.com", nil, proto.DoT},
		{443, "resolver.example.com", []string{"dot"}, proto.DoT},
		{443, "dns.google", []string{"h2"}, proto.DoH},
		{853, "dns.google", nil, proto.DoT},
		{443, "notdns.google", nil, proto.HTTPS},
		{465, "mail.example.com", nil, proto.SMTPS},
		{993, "mail.example.com", nil, proto.IMAPS},
		{995, "mail.example.com", nil, proto.POP3S},
		{990, "ftp.example.com", nil, proto.FTPS},
		{563, "news.example.com", nil, proto.NNTPS},
		{8883, "mqtt.example.com", nil, proto.MQTTS},
		{5061, "sip.example.com", nil, proto.SIPS},
		{6697, "irc.example.com", nil, proto.IRCS},
		{5222, "xmpp.example.com", []string{"xmpp-client"}, proto.XMPPS},
	} {
		client, server := tlsStreams(t, tls.VersionTLS13, c.host, c.alpn)
		if _, res := tlsSay(client, server, c.port); res.Protocol != c.want {
			t.Errorf("port %d, %s, %q: %v, want %v", c.port, c.host, c.alpn, res.Protocol, c.want)
		}
	}
}

func TestTLSMidstream(t *testing.T) {
	rec := func(typ, minor byte, n int) []byte {
		return append([]byte{typ, 3, minor, byte(n >> 8), byte(n)}, make([]byte, n)...)
	}
	data := rec(23, 3, 100)
	for _, c := range []struct {
		name string
		c, s []byte
		port uint16
		want Verdict
	}{
		{"two records", slices.Concat(data, data), nil, 9999, Match},
		{"one record", data, nil, 9999, NeedMore},
		{"one record at a port of TLS", data, nil, 993, Match},
		{"one record each way", data, data, 9999, Match},
		{"one record each way, other versions", data, rec(23, 1, 100), 9999, NeedMore},
		{"data, then something else", append(slices.Clone(data), "HTTP/1.1"...), nil, 443, No},
		{"part of a record", data[:50], nil, 443, NeedMore},
		{"a record too short for any cipher", rec(23, 3, 8), nil, 443, No},
		{"a change of cipher", []byte{20, 3, 3, 0, 1, 1}, nil, 9999, Match},
		{"an alert", []byte{21, 3, 1, 0, 2, 2, 40}, nil, 9999, Match},
		{"an alert of no level", []byte{21, 3, 1, 0, 2, 9, 40}, nil, 9999, No},
		{"a protected alert at a port of TLS", rec(21, 3, 26), nil, 5223, Match},
		{"a protected alert elsewhere", rec(21, 3, 26), nil, 9999, NeedMore},
		{"a certificate", []byte{22, 3, 3, 0, 9, 11, 0, 0, 5, 0, 0, 2, 1, 2}, nil, 9999, Match},
		{"a handshake message of no kind", []byte{22, 3, 3, 0, 9, 99, 0, 0, 5, 0, 0, 2, 1, 2}, nil, 9999, No},
		{"no version", []byte{22, 2, 3, 0, 9}, nil, 443, No},
		{"SSL 2.0 hello", append([]byte{0x80, 0x2e, 1, 3, 1, 0, 21, 0, 0, 0, 16}, make([]byte, 37)...), nil, 443, Match},
	} {
		v, res := tlsSay(c.c, c.s, c.port)
		if v != c.want {
			t.Errorf("%s: verdict %d, want %d", c.name, v, c.want)
		}
		if v == Match && c.name != "SSL 2.0 hello" && !res.Partial {
			t.Errorf("%s: not partial", c.name)
		}
	}
}

// Random streams are not TLS, also when they begin as a record.
func TestRandomStreams(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	b := make([]byte, 600)
	for i := range 300000 {
		rng.Read(b[:64])
		if i%2 == 0 {
			b[0], b[1], b[2] = 20+b[0]&3, 3, b[2]&3
		}
		if v, _ := tlsSay(b, nil, 9999); v == Match && i%2 != 0 {
			t.Fatalf("matched %x", b[:32])
		} else if v == Match && b[0] == 23 {
			t.Fatalf("data record matched alone: %x", b[:32])
		}
	}
}

func TestTLSDoesNotAllocate(t *testing.T) {
	client, server := tlsStreams(t, tls.VersionTLS12, "www.example.com", []string{"h2"})
	in := Input{Over: TCP, ServerPort: 443, ClientPort: 40000, ToServer: client, ToClient: server}
	res := new(Result)
	if a := testing.AllocsPerRun(20, func() {
		res.Reset(proto.TLS)
		inspectTLSCard(&in, res)
	}); a != 0 {
		t.Errorf("%v allocations", a)
	}
}

func BenchmarkTLS12(b *testing.B) {
	client, server := tlsStreams(b, tls.VersionTLS12, "www.example.com", []string{"h2"})
	in := Input{Over: TCP, ServerPort: 443, ClientPort: 40000, ToServer: client, ToClient: server}
	res := new(Result)
	b.ReportAllocs()
	for b.Loop() {
		res.Reset(proto.TLS)
		inspectTLSCard(&in, res)
	}
}

func BenchmarkTLSNo(b *testing.B) {
	in := Input{Over: TCP, ServerPort: 80, ClientPort: 40000, ToServer: []byte("GET / HTTP/1.1\r\n")}
	res := new(Result)
	b.ReportAllocs()
	for b.Loop() {
		inspectTLSCard(&in, res)
	}
}

// TestTLSAwaitsTrust: once a certificate was read, only an alert of the client
// is wanted; the rest of the server's chain is not, and the client's key ends it.
func TestTLSAwaitsTrust(t *testing.T) {
	client, server := tlsStreams(t, tls.VersionTLS12, "www.example.com", nil)
	hello := client[:recordEnd(client)]
	flight := 0 // the server's, up to what it says behind the client's key
	for range 4 {
		flight += recordEnd(server[flight:])
	}
	for n := range server[:flight] {
		_, res := tlsSay(hello, server[:n], 443)
		if whole := res.Has(attr.TLSFingerprint); res.Awaits != 0 != whole || !res.More {
			t.Fatalf("%d bytes of the server, its certificate told: %v; awaits %d, more %v", n, whole, res.Awaits, res.More)
		}
	}
	keyed := client[:len(hello)+recordEnd(client[len(hello):])]
	if _, res := tlsSay(keyed, server[:flight], 443); res.Awaits != 0 || res.More {
		t.Errorf("with the client's key: awaits %d, more %v", res.Awaits, res.More)
	}
	if _, res := tlsSay(append(hello[:len(hello):len(hello)], 21, 3, 3, 0, 2, 2, 42), server[:flight], 443); res.More || res.Facts&attr.FatalAlert == 0 {
		t.Errorf("with the client's alert: more %v, facts %b", res.More, res.Facts)
	}
}

// recordEnd is where the first record of a stream ends.
func recordEnd(b []byte) int { return 5 + int(b[3])<<8 + int(b[4]) }
