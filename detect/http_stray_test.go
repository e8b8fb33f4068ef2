package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

// Bytes before a request do not hide it.
func TestStrayBeforeHTTP(t *testing.T) {
	const request, answer = "GET /a HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: probe\r\n\r\n", "HTTP/1.1 200 OK\r\nServer: q\r\n\r\n"
	for _, stray := range []string{"\r\n", "\r\n\r\n\r\n\r\n", "\n\n\n\n\n", "  ", "\t", " \r\n", "\r"} { // which servers pass over
		for _, port := range []uint16{80, 8081} {
			res := mustMatch(t, proto.HTTP, proto.HTTP, TCP, port, c(stray+request))
			wantText(t, res, attr.HostName, "www.example.org")
		}
	}
	for _, stray := range []string{"abcd", "\x00\x00", "XX\x01\x02abc ", "hello there\r\n", "\x16\x03\x01"} { // which the answer proves
		res := mustMatch(t, proto.HTTP, proto.HTTP, TCP, 8080, c(stray+request), s(answer))
		wantText(t, res, attr.HostName, "www.example.org")
		wantText(t, res, attr.HTTPServer, "q")
		mustNot(t, proto.HTTP, TCP, 80, c(stray+request))
		mustNot(t, proto.HTTP, TCP, 80, c(stray+request), s("220 mail\r\n"))
	}
	mustNot(t, proto.HTTP, TCP, 80, c("SSTP_"+"POST /a HTTP/1.1\r\n\r\n"), s(answer))
	in := Input{Over: TCP, IPProtocol: 6, ServerPort: 4711, ClientPort: 40000, ToServer: []byte("abcd" + request), ToClient: []byte(answer)}
	if v, res := inspectBytes(t, proto.HTTP, in); v != Match {
		if v := httpStrayCard.Inspect(&in, res); v != Match {
			t.Errorf("at another port: %d", v)
		}
	}
}

// Methods are open: what the answer proves is one.
func TestUnknownMethods(t *testing.T) {
	for _, method := range []string{"QUERY", "FOO", "get", "X", "M2", "Query", "A-B_C"} {
		for _, before := range []string{"", "\r\n"} {
			ask := c(before + method + " /x HTTP/1.1\r\nHost: www.example.org\r\n\r\n")
			res := mustMatch(t, proto.HTTP, proto.HTTP, TCP, 8123, ask, s("HTTP/1.1 501 Not Implemented\r\n\r\n"))
			wantText(t, res, attr.HTTPMethod, method)
			wantText(t, res, attr.HostName, "www.example.org")
			mustNot(t, proto.HTTP, TCP, 8123, ask)
			mustNot(t, proto.HTTP, TCP, 8123, ask, s("RTSP/1.0 200 OK\r\n\r\n"))
		}
	}
}
