package detect

import (
	"crypto/tls"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

// Only the client's side names a flow: a server that says what a client says
// must not choose its own name, application or fingerprint.

func TestTLSServerNamesNothing(t *testing.T) {
	c12, s12 := tlsStreams(t, tls.VersionTLS12, "www.example.com", []string{"h2"})
	other, answer := tlsStreams(t, tls.VersionTLS12, "www.netflix.com", []string{"imap"})
	plain, _ := tlsStreams(t, tls.VersionTLS12, "www.example.com", nil)
	for _, q := range []struct {
		what     string
		opened   bool
		c, s     []byte
		want     Verdict
		protocol proto.ID
		host     string
	}{
		{"a hello of the server alone", true, nil, other, NeedMore, proto.TLS, ""},
		{"a hello of the server, then the client's", true, c12, other, Match, proto.HTTPS, "www.example.com"},
		{"a hello of the server that the client answers", true, answer, other, Match, proto.IMAPS, "www.netflix.com"},
		{"a hello of the server that gets an alert", true, []byte{21, 3, 3, 0, 2, 2, 10}, other, Match, proto.TLS, ""},
		{"joined midway, the wrong way round", false, s12, c12, Match, proto.HTTPS, "www.example.com"},
		{"a choice that was not offered", true, c12, answer, Match, proto.HTTPS, "www.example.com"},
		{"a choice where nothing was offered", true, plain, s12, Match, proto.TLS, "www.example.com"},
		{"a choice whose offer was not seen", true, nil, s12, Match, proto.HTTPS, ""},
	} {
		res := new(Result)
		res.Reset(proto.TLS)
		in := Input{Over: TCP, IPProtocol: 6, ServerPort: 4433, ClientPort: 40000, Opened: q.opened, ToServer: q.c, ToClient: q.s}
		v := inspectTLSCard(&in, res)
		if host := string(res.Get(attr.HostName)); v != q.want || res.Protocol != q.protocol || host != q.host {
			t.Errorf("%s: %d %v %q, want %d %v %q", q.what, v, res.Protocol, host, q.want, q.protocol, q.host)
		}
	}
}

func TestDTLSServerNamesNothing(t *testing.T) {
	tested := 0
	for _, fl := range testFlows(t) {
		if fl.want != proto.DTLS || tested > 3 || len(fl.said) < 3 {
			continue
		}
		first := fl.said[0].bytes
		const suites = 13 + 12 + 2 + 32 // record, message, version, random: the session's identifier comes next
		if fl.said[0].fromServer || len(first) < suites+8 || first[0] != 22 || first[13] != 1 {
			continue
		}
		hello := append([]byte(nil), first...)
		at := suites + 1 + int(hello[suites])
		at += 1 + int(hello[at]) + 2 // cookie, length of the suites
		hello[at] ^= 1
		read := func(what []said) string {
			res, other := new(Result), *fl
			other.said = what
			other.replay(dtlsLimit, false, func(in *Input) bool {
				res.Reset(proto.DTLS)
				return inspectDTLS(in, res) != Match
			})
			return string(res.Get(attr.TLSJA3))
		}
		want := read(fl.said)
		forged := append([]said{fl.said[0], {true, hello}}, fl.said[1:]...)
		if got := read(forged); got != want || want == "" {
			t.Errorf("%s: the server's hello is the client's: %x, want %x", fl.capture, got, want)
		}
		if alone := read([]said{{false, hello}}); alone == want {
			t.Fatalf("%s: the forged hello has the same fingerprint", fl.capture)
		}
		tested++
	}
	if tested == 0 {
		t.Error("no capture of DTLS")
	}
}

func TestSIPServerNamesNothing(t *testing.T) {
	for opened, want := range map[bool]string{true: "", false: "www.netflix.com"} {
		res := new(Result)
		res.Reset(proto.SIP)
		in := Input{Over: TCP, IPProtocol: 6, ServerPort: 5060, ClientPort: 40000, Opened: opened, ToServer: []byte("\r\n\r\n"),
			ToClient: []byte("INVITE sip:a@www.netflix.com SIP/2.0\r\nUser-Agent: x\r\n\r\n")}
		if v := inspectSIP(&in, res); v != Match || string(res.Get(attr.HostName)) != want {
			t.Errorf("opened %v: %d %q, want %q", opened, v, res.Get(attr.HostName), want)
		}
	}
}
