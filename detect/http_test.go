package detect

import (
	"crypto/tls"
	"strings"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestHTTP(t *testing.T) {
	testProtocol(t, proto.HTTP, proto.IceCast, proto.WebDAV, proto.Websocket, proto.SOAP, proto.IPP, proto.DoH)
}

func TestHTTPHead(t *testing.T) {
	res := mustMatch(t, proto.HTTP, proto.HTTP, TCP, 7001,
		c("GET /a/b?c HTTP/1.1\r\nhost: WWW.Example.org:7001\r\nUSER-AGENT:  probe/1 (test) \r\n\r\n"),
		s("HTTP/1.1 200 OK\r\nServer: demo\r\n\r\nbody"))
	wantText(t, res, attr.HTTPMethod, "GET")
	wantText(t, res, attr.HostName, "www.example.org")
	wantText(t, res, attr.HTTPURL, "WWW.Example.org:7001/a/b?c")
	wantText(t, res, attr.HTTPUserAgent, "probe/1 (test)")
	wantText(t, res, attr.HTTPServer, "demo")
}

func TestHTTPOneSide(t *testing.T) {
	wantText(t, mustMatch(t, proto.HTTP, proto.HTTP, TCP, 80, s("HTTP/1.1 304 Not Modified\r\nServer: demo\r\n\r\n")), attr.HTTPServer, "demo")
	wantText(t, mustMatch(t, proto.HTTP, proto.HTTP, TCP, 80, s("POST /x HTTP/1.0\r\nHost: a\r\n")), attr.HTTPURL, "a/x")
	long := "GET /" + strings.Repeat("x", 5000)
	res := mustMatch(t, proto.HTTP, proto.HTTP, TCP, 80, c(long))
	if n := len(res.Get(attr.HTTPURL)); n != 512 {
		t.Errorf("url of %d bytes", n)
	}
}

// TestMalformedRequest: the answer proves what the request alone does not.
func TestMalformedRequest(t *testing.T) {
	res := mustMatch(t, proto.HTTP, proto.HTTP, TCP, 80, c("POST x/y HTTP/1.1\r\nHost: example.org\r\n\r\n"), s("HTTP/1.1 400 Bad Request\r\n\r\n"))
	wantText(t, res, attr.HostName, "example.org")
	mustNot(t, proto.HTTP, TCP, 80, c("POST x/y HTTP/1.1\r\n\r\n"), s("\x00\x01"))
}

func TestHTTPRefinements(t *testing.T) {
	for want, head := range map[proto.ID]string{
		proto.Websocket: "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
		proto.SOAP:      "POST /s HTTP/1.1\r\nHost: a\r\nSOAPAction: \"urn:x\"\r\n\r\n",
		proto.IPP:       "POST /printers/p HTTP/1.1\r\nHost: a\r\nContent-Type: application/ipp\r\n\r\n",
		proto.DoH:       "POST /dns-query HTTP/1.1\r\nHost: a\r\nContent-Type: application/dns-message\r\n\r\n",
		proto.MSRPCH:    "RPC_IN_DATA /rpc/rpcproxy.dll?a:593 HTTP/1.1\r\nHost: a\r\n\r\n",
	} {
		mustMatch(t, proto.HTTP, want, TCP, 80, c(head))
	}
	upgrade := c("GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n")
	mustMatch(t, proto.HTTP, proto.Websocket, TCP, 80, upgrade, s("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"))
	mustMatch(t, proto.HTTP, proto.HTTP, TCP, 80, upgrade, s("HTTP/1.1 403 Forbidden\r\n\r\n"))
}

func TestNotHTTP(t *testing.T) {
	for _, text := range []string{
		"OPTIONS rtsp://example.org/ RTSP/1.0\r\n", "SUBSCRIBE sip:a@b SIP/2.0\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"SSH-2.0-x\r\n", "\x16\x03\x01", "GETA / HTTP/1.1\r\n", "CONNECT a:1 HTTP/1.1\r\n", "GET http://a/ HTTP/1.1\r\n",
	} {
		mustNot(t, proto.HTTP, TCP, 80, c(text))
	}
}

// TestHostOfRequest: whose a request is (RFC 9112, section 3.2), and what of its URL is told.
func TestHostOfRequest(t *testing.T) {
	for _, q := range []struct{ request, host, url string }{
		{"GET /x HTTP/1.1\r\nHost: a.example.org:8080\r\n\r\n", "a.example.org", "a.example.org:8080/x"},
		{"GET http://www.example.org/x HTTP/1.1\r\nHost: other.example.org\r\n\r\n", "www.example.org", "www.example.org/x"},
		{"GET HTTP://www.example.org:81?x HTTP/1.1\r\n\r\n", "www.example.org", "www.example.org:81?x"},
		{"GET http://alice:secret@www.example.org/x HTTP/1.1\r\nHost: www.example.org\r\n\r\n", "www.example.org", "www.example.org/x"},
		{"GET http://www.netflix.com@evil.example.org/x HTTP/1.1\r\n\r\n", "evil.example.org", "evil.example.org/x"},
		{"GET http://a@b:c@evil.example.org/@ HTTP/1.1\r\n\r\n", "evil.example.org", "evil.example.org/@"},
		{"CONNECT www.example.org:443 HTTP/1.1\r\nHost: other.example.org\r\n\r\n", "www.example.org", "www.example.org:443"},
		{"GET /x HTTP/1.1\r\nHost: a.example.org\r\nHost: www.netflix.com\r\n\r\n", "", "/x"},
		{"GET /x HTTP/1.1\r\nHost: a.example.org\r\nHost: a.example.org\r\n\r\n", "a.example.org", "a.example.org/x"},
		{"GET /x HTTP/1.1\r\nHost: a:secret@www.example.org\r\n\r\n", "", "/x"},
		{"GET /x HTTP/1.1\r\nHost: www.netflix.com,evil\r\n\r\n", "", "www.netflix.com,evil/x"},
		{"GET /x HTTP/1.1\r\nHost : www.example.org\r\n\r\n", "", "/x"},
		{"GET /x HTTP/1.1\r\nHost:\r\n up.example.org\r\n\r\n", "up.example.org", "up.example.org/x"},
		{"GET /x HTTP/1.1\r\nX: 1\r\n Host: no.example.org\r\n\r\n", "", "/x"},
	} {
		for _, own := range []proto.ID{proto.HTTP, proto.HTTPProxy, proto.HTTPConnect} {
			if v, res := talk(t, own, TCP, 8081, c(q.request)); v == Match {
				wantText(t, res, attr.HostName, q.host)
				wantText(t, res, attr.HTTPURL, q.url)
			}
		}
	}
}

// TestServerNamesNothing: Host and User-Agent mean nothing in an answer, nor does a request of the server.
func TestServerNamesNothing(t *testing.T) {
	ask := c("GET / HTTP/1.1\r\nHost: first.example.org\r\nUser-Agent: curl/8\r\n\r\n")
	for _, answer := range []string{
		"HTTP/1.1 200 OK\r\nHost: www.netflix.com\r\nUser-Agent: x\r\nSOAPAction: x\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: www.netflix.com\r\nUser-Agent: x\r\n\r\n",
	} {
		res := mustMatch(t, proto.HTTP, proto.HTTP, TCP, 80, ask, s(answer))
		wantText(t, res, attr.HostName, "first.example.org")
		wantText(t, res, attr.HTTPUserAgent, "curl/8")
	}
	res := mustMatch(t, proto.HTTP, proto.HTTP, TCP, 80, s("HTTP/1.1 200 OK\r\nHost: www.netflix.com\r\n\r\n"))
	wantText(t, res, attr.HostName, "")
}

// TestGoOn: the answer that counts comes after those that say to go on.
func TestGoOn(t *testing.T) {
	ask := c("PUT /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n")
	res := mustMatch(t, proto.HTTP, proto.HTTP, TCP, 80, ask, s("HTTP/1.1 100 Continue\r\n\r\n"))
	if !res.More {
		t.Error("an answer that says to go on is the last one")
	}
	res = mustMatch(t, proto.HTTP, proto.HTTP, TCP, 80, ask, s("HTTP/1.1 100 Continue\r\nServer: no\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 201 Created\r\nServer: demo\r\n\r\n"))
	wantText(t, res, attr.HTTPServer, "demo")
	if res.More {
		t.Error("the head of the answer is there")
	}
}

func TestFoldedField(t *testing.T) {
	res := mustMatch(t, proto.HTTP, proto.HTTP, TCP, 80, c("GET / HTTP/1.1\r\nUser-Agent: Foo/1.0\r\n\t (continued)\r\nHost:\r\n  up.example.org\r\n\r\n"))
	wantText(t, res, attr.HTTPUserAgent, "Foo/1.0 (continued)")
	wantText(t, res, attr.HTTPURL, "up.example.org/")
}

// TestUpgrades: a connection becomes what the client offers and the server changes to (RFC 9110, section 7.8).
func TestUpgrades(t *testing.T) {
	ask := func(offer string) said {
		return c("GET /x HTTP/1.1\r\nHost: a.example.org\r\nConnection: Upgrade\r\nUpgrade: " + offer + "\r\n\r\n")
	}
	answer := func(choice string) said {
		return s("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: " + choice + "\r\n\r\n")
	}
	for _, u := range []struct {
		want proto.ID
		said []said
	}{
		{proto.HTTP2, []said{ask("h2c"), answer("h2c")}},
		{proto.HTTP2, []said{ask("TLS/1.2, h2c"), answer("h2c")}},
		{proto.HTTP2, []said{ask("h2c"), s("HTTP/1.1 101 Switching Protocols\r\n\r\n")}},
		{proto.Websocket, []said{ask("h2c, websocket"), answer("websocket")}},
		{proto.HTTP, []said{ask("h2c"), s("HTTP/1.1 200 OK\r\nUpgrade: h2c\r\n\r\n")}},
		{proto.HTTP, []said{ask("h2c")}},
		{proto.HTTP, []said{ask("h2cx"), answer("h2cx")}},
		{proto.HTTP, []said{c("GET /x HTTP/1.1\r\nHost: a.example.org\r\n\r\n"), answer("h2c")}}, // nobody offered it
		{proto.HTTP, []said{c("GET /x HTTP/1.1\r\nHost: a.example.org\r\n\r\n"), answer("websocket")}},
		{proto.HTTP, []said{ask("h2c"), answer("websocket")}},
		{proto.Websocket, []said{answer("websocket")}}, // the request was not seen
	} {
		mustMatch(t, proto.HTTP, u.want, TCP, 8080, u.said...)
	}
	client, server := tlsStreams(t, tls.VersionTLS12, "www.example.com", nil)
	for _, offer := range []string{"TLS/1.0", "TLS/1.2, TLS/1.1"} { // RFC 2817
		res := mustMatch(t, proto.HTTP, proto.HTTPS, TCP, 8080, ask(offer), answer("TLS/1.0, HTTP/1.1"), said{false, client}, said{true, server})
		if wantText(t, res, attr.TLSSNI, "www.example.com"); !res.Has(attr.TLSJA3S) || res.More {
			t.Errorf("%s: %q, more %v", offer, told(res), res.More)
		}
	}
	print := c("POST /printers/p HTTP/1.1\r\nHost: a\r\nContent-Type: application/ipp\r\nConnection: Upgrade\r\nUpgrade: TLS/1.2\r\n\r\n")
	mustMatch(t, proto.HTTP, proto.IPP, TCP, 631, print, answer("TLS/1.2, HTTP/1.1"), said{false, client})
}
