package detect

import (
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
