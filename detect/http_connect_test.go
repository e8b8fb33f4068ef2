package detect

import (
	"crypto/tls"
	"slices"
	"strings"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestHTTPConnect(t *testing.T) {
	testProtocol(t, proto.HTTPConnect)
	res := mustMatch(t, proto.HTTPConnect, proto.HTTPConnect, TCP, 8888, c("CONNECT Example.org:443 HTTP/1.1\r\nHost: example.org:443\r\nUser-Agent: probe/1\r\n\r\n"))
	wantText(t, res, attr.HostName, "example.org")
	wantText(t, res, attr.HTTPURL, "Example.org:443")
	wantText(t, res, attr.HTTPUserAgent, "probe/1")
	res = mustMatch(t, proto.HTTPConnect, proto.HTTPConnect, TCP, 8888, c("CONNECT alice:secret@example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n"))
	wantText(t, res, attr.HostName, "example.org")
	wantText(t, res, attr.HTTPURL, "example.org:443")
	mustNot(t, proto.HTTPConnect, TCP, 8888, c("GET / HTTP/1.1\r\n"))
}

// What a tunnel carries is read, also where the proxy first asked who wants it.
func TestHTTPTunnels(t *testing.T) {
	client, server := tlsStreams(t, tls.VersionTLS12, "www.example.com", []string{"h2"})
	ask := func(more string) said {
		return c("CONNECT 192.0.2.1:443 HTTP/1.1\r\nHost: 192.0.2.1:443\r\nUser-Agent: probe/1\r\n" + more + "\r\n")
	}
	granted := []said{ask(""), s("HTTP/1.1 200 OK\r\n\r\n")}
	refusal := s("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: NTLM\r\nContent-Length: 3000\r\n\r\n" + strings.Repeat("HTTP/1 is refused. ", 150) + strings.Repeat(".", 150))
	asked := []said{ask(""), refusal, ask("Proxy-Authorization: NTLM one\r\n"), s("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: NTLM two\r\n\r\n"), ask("Proxy-Authorization: NTLM three\r\n"), granted[1]}
	for name, pre := range map[string][]said{"granted": granted, "asked twice": asked} {
		res := mustMatch(t, proto.HTTPConnect, proto.HTTPConnect, TCP, 3128, append(slices.Clone(pre), said{false, client}, said{true, server})...)
		if wantText(t, res, attr.TLSSNI, "www.example.com"); !res.Has(attr.TLSJA3S) || res.More {
			t.Errorf("%s: %q, more %v", name, told(res), res.More)
		}
		wantText(t, res, attr.HTTPUserAgent, "probe/1")
		res = mustMatch(t, proto.HTTPConnect, proto.HTTPConnect, TCP, 3128, append(slices.Clone(pre), s("SSH-2.0-OpenSSH_9.6\r\n"), c("SSH-2.0-PuTTY\r\n"))...)
		wantText(t, res, attr.SSHServer, "SSH-2.0-OpenSSH_9.6")
		res = mustMatch(t, proto.HTTPConnect, proto.HTTPConnect, TCP, 3128, append(slices.Clone(pre), c("GET /chat HTTP/1.1\r\nHost: ws.example.org\r\nUpgrade: websocket\r\n\r\n"))...)
		wantText(t, res, attr.HostName, "ws.example.org")
		wantText(t, res, attr.HTTPMethod, "CONNECT")
		wantText(t, res, attr.HTTPURL, "192.0.2.1:443")
	}
	for n := range asked { // as long as it is asked for the tunnel, its content is waited for
		if res := mustMatch(t, proto.HTTPConnect, proto.HTTPConnect, TCP, 3128, asked[:n+1]...); !res.More {
			t.Errorf("nothing is waited for after %d messages", n+1)
		}
	}
	res := mustMatch(t, proto.HTTPConnect, proto.HTTPConnect, TCP, 3128, ask(""), refusal, ask(""), s("HTTP/1.1 403 Forbidden\r\n\r\n"), said{false, client})
	if res.Has(attr.TLSSNI) || res.More {
		t.Errorf("refused: %q, more %v", told(res), res.More)
	}
	res = mustMatch(t, proto.HTTPConnect, proto.HTTPConnect, TCP, 3128, ask(""), refusal, c("CONNECT other.example.org:443 HTTP/1.1\r\n\r\n"), granted[1])
	wantText(t, res, attr.HostName, "other.example.org")
}
