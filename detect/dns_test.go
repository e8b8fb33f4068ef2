package detect

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

// dnsAlias is a response in which an alias leads to two addresses, and a third address has another owner.
const dnsAlias = "1234 8180 0001 0004 0000 0000" +
	"03777777 07 6578616d706c65 03 6f7267 00 0001 0001" + // www.example.org A
	"c00c 0005 0001 0000012c 0006 03 63646e c010" + // is cdn.example.org
	"c02d 0001 0001 0000003c 0004 c0000201" +
	"c02d 001c 0001 0000003c 0010 20010db8000000000000000000000001" +
	"03626164 c010 0001 0001 0000003c 0004 c0000202"

func TestDNS(t *testing.T) {
	testProtocol(t, proto.DNS)
}

func TestDNSQuery(t *testing.T) {
	query := cx("ca3b 0120 0001 0000 0000 0001 03 575757 07 4578416d706c65 03 6f7267 00 001c 0001 00 0029 1000 00000000 0000")
	res := mustMatch(t, proto.DNS, proto.DNS, UDP, 53, query)
	wantText(t, res, attr.DNSQuery, "www.example.org")
	wantText(t, res, attr.HostName, "www.example.org")
	if n, _ := res.Number(attr.DNSType); n != 28 {
		t.Errorf("type %d", n)
	}
	tcp := query
	tcp.bytes = append([]byte{0, byte(len(query.bytes))}, query.bytes...)
	res = mustMatch(t, proto.DNS, proto.DNS, TCP, 5300, tcp)
	wantText(t, res, attr.HostName, "www.example.org")
}

// TestDNSDamaged: at port 53 a query is told by its flags and its one question, or by the question alone.
func TestDNSDamaged(t *testing.T) {
	const question = "045f736970 045f756470 03736970 076578616d706c65 03636f6d 00 0021 0001"
	for what, d := range map[string]string{
		"counts and names are lost": "1ac8 0000 0001 0059 aaaa aaaa aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"names are lost":            "70cc 0100 0001 0000 aaaa aaaa aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"counts are lost":           "dae2 0100 0000 0000 0025 7300 " + question,
	} {
		if v, res := inspectBytes(t, proto.DNS, Input{Over: UDP, ServerPort: 53, ToServer: unhex(d)}); v != Match {
			t.Errorf("%s: %d", what, v)
		} else if host := string(res.Get(attr.HostName)); host != "" && host != "_sip._udp.sip.example.com" || host == "" && what == "counts are lost" {
			t.Errorf("%s: host %q", what, host)
		}
		mustNot(t, proto.DNS, UDP, 5300, cx(d))
	}
	for what, d := range map[string]string{
		"flags are lost too":      "8905 aaaa aaaa aaaa aaaa aaaa aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"a question, and more":    "dae2 0100 0000 0000 0025 7300 " + question + "00",
		"no question, of class 2": "dae2 0100 0000 0000 0025 7300 " + question[:len(question)-1] + "2",
	} {
		if v, _ := inspectBytes(t, proto.DNS, Input{Over: UDP, ServerPort: 53, ToServer: unhex(d)}); v == Match {
			t.Errorf("%s: DNS", what)
		}
	}
}

// TestDNSDamagedLater: what a client asked for stays told when it asks again and the datagram is damaged.
func TestDNSDamagedLater(t *testing.T) {
	const question = "03777777 07 6578616d706c65 03 6f7267 00 0001 0001"
	for what, d := range map[string]string{
		"what follows is":     "1234 0100 0001 2573 0000 0000 " + question + "00",
		"the name is damaged": "1234 0100 0001 0000 0000 0000 44777777 07 6578616d706c65 03 6f7267 00 0001 0001",
	} {
		in := Input{Over: UDP, ServerPort: 53, ClientPort: 40000, ToServer: unhex(d)}
		if v := Again(&in, Card(proto.DNS), new(Result), nil); v != NeedMore {
			t.Errorf("%s: verdict %d", what, v)
		}
	}
	for what, d := range map[string]string{
		"a count is damaged":      "1234 0100 2573 0000 0000 0000 " + question,
		"another question":        "1235 0100 0001 0000 0000 0000 " + question,
		"an answer, if damaged":   "1234 8100 0001 0000 2573 0000 " + question,
		"a question and an extra": "1235 0120 0001 0000 0000 0001 " + question + "00 0029 1000 00000000 0000",
	} {
		in := Input{Over: UDP, ServerPort: 53, ClientPort: 40000, ToServer: unhex(d)}
		res := new(Result)
		if v := Again(&in, Card(proto.DNS), res, nil); v != Match || string(res.Get(attr.HostName)) != "www.example.org" {
			t.Errorf("%s: verdict %d, host %q", what, v, res.Get(attr.HostName))
		}
	}
}

// TestDNSAtAnyPort: where no port helps, the answer must confirm the question.
func TestDNSAtAnyPort(t *testing.T) {
	ask := func(id string) said {
		return cx(id + "0100 0001 0000 0000 0000 03777777 07 6578616d706c65 03 6f7267 00 0001 0001")
	}
	if v, _ := inspectBytes(t, proto.DNS, Input{Over: UDP, ServerPort: 5300, ToServer: ask("1234").bytes}); v != NeedMore {
		t.Errorf("verdict %d of a question alone", v)
	}
	res := mustMatch(t, proto.DNS, proto.DNS, UDP, 5300, ask("1233"), ask("1234"), sx(dnsAlias))
	wantText(t, res, attr.HostName, "www.example.org")
	mustNot(t, proto.DNS, UDP, 5300, ask("1235"), sx(dnsAlias))
	mustNot(t, proto.DNS, UDP, 5300, sx(dnsAlias), sx(dnsAlias))
	mustNot(t, proto.DNS, UDP, 5300, ask("1234"), ask("1234"))
}

func TestDNSResponse(t *testing.T) {
	res := mustMatch(t, proto.DNS, proto.DNS, UDP, 53, sx(dnsAlias))
	wantText(t, res, attr.DNSQuery, "www.example.org")
	var texts []string
	for v, at := res.Next(attr.DNSAnswers, 0); at != 0; v, at = res.Next(attr.DNSAnswers, at) {
		texts = append(texts, string(v))
	}
	if got := strings.Join(texts, " "); got != "cdn.example.org 192.0.2.1 2001:db8::1 192.0.2.2" {
		t.Errorf("answers %q", got)
	}
	if n, ok := res.Number(attr.DNSRcode); n != 0 || !ok {
		t.Errorf("rcode %d %v", n, ok)
	}
	want := []Answer{
		{Addr: [16]byte{192, 0, 2, 1}, TTL: 60},
		{Addr: netip.MustParseAddr("2001:db8::1").As16(), V6: true, TTL: 60},
	}
	if res.NAnswers != 2 || res.Answers[0] != want[0] || res.Answers[1] != want[1] {
		t.Errorf("addresses %v: that of another owner must be left out", res.Answers[:res.NAnswers])
	}
}

// TestDNSFeed gives a segment of a later response, as the engine does for a decided flow.
func TestDNSFeed(t *testing.T) {
	message := unhex(dnsAlias)
	in := Input{Over: TCP, ServerPort: 53, FromServer: true, ToClient: append([]byte{0, byte(len(message))}, message...)}
	if v, res := inspectBytes(t, proto.DNS, in); v != Match || res.NAnswers != 2 {
		t.Errorf("verdict %d, %d addresses", v, res.NAnswers)
	}
}

func TestNotDNS(t *testing.T) {
	for name, d := range map[string]string{
		"bytes after the last record": "ca3b 0100 0001 0000 0000 0000 03777777 00 0001 0001 00",
		"cut in the question":         "ca3b 0100 0001 0000 0000 0000 03777777 00 0001",
		"no such class":               "ca3b 0100 0001 0000 0000 0000 03777777 00 0001 0007",
		"reserved bit":                "ca3b 0140 0001 0000 0000 0000 03777777 00 0001 0001",
		"answers in a query":          "ca3b 0100 0001 0001 0000 0000 03777777 00 0001 0001 00 0001 0001 00000000 0000",
		"too short":                   "ca3b 0100 0001",
	} {
		t.Run(name, func(t *testing.T) { mustNot(t, proto.DNS, UDP, 5300, cx(d)) })
	}
	mustNot(t, proto.DNS, UDP, 5353, cx("0000 0000 0001 0000 0000 0000 05 6c6f63616c 00 000c 0001"))
	mustNot(t, proto.DNS, TCP, 53, c("GET / HTTP/1.1\r\n"))
}

func TestDamagedDNS(t *testing.T) {
	damaged := cx("ca3b 0100 0001 0000 0000 0000 03777777 07 6578")
	mustMatch(t, proto.DNS, proto.DNS, UDP, 53, damaged)
	mustNot(t, proto.DNS, UDP, 54, damaged)
	in := Input{Over: UDP, ServerPort: 53, ToServer: []byte("no message of this kind")}
	if v, _ := inspectBytes(t, proto.DNS, in); v != NeedMore {
		t.Errorf("verdict %d: the next datagram may be sound", v)
	}
}

// TestEncodedNetBIOSName: the two name services share a format; at port 53 a query is one of DNS.
func TestEncodedNetBIOSName(t *testing.T) {
	ask := c("\x84\xff\x01\x10\x00\x01\x00\x00\x00\x00\x00\x00" + netbiosFiles + "\x00\x21\x00\x01")
	mustMatch(t, proto.DNS, proto.DNS, UDP, 53, ask)
	mustNot(t, proto.NETBIOS, UDP, 53, ask)
	mustMatch(t, proto.NETBIOS, proto.NETBIOS, UDP, 1137, ask)
	mustNot(t, proto.DNS, UDP, 1137, ask)
}

func TestDNSCryptCertificate(t *testing.T) {
	ask := cx("0001 0100 0001 0000 0000 0000 01 32 0d 646e7363727970742d63657274 07 6578616d706c65 03 636f6d 00 0010 0001")
	res := mustMatch(t, proto.DNS, proto.DNSCrypt, UDP, 443, ask)
	wantText(t, res, attr.HostName, "2.dnscrypt-cert.example.com")
}

// TestDNSNameWithADot: what is inside a label is no part of the host's name.
func TestDNSNameWithADot(t *testing.T) {
	for label, want := range map[string]string{"0b 7777772e6e6574666c6978": `www\.netflix.com`, "0c 6e6574666c69782e636f6d00": `netflix\.com\000.com`} {
		res := mustMatch(t, proto.DNS, proto.DNS, UDP, 53, sx("1234 8180 0001 0001 0000 0000"+label+"03 636f6d 00 0001 0001 c00c 0001 0001 0000003c 0004 c0000201"))
		wantText(t, res, attr.DNSQuery, want)
		if res.Has(attr.HostName) || res.Answered != nil {
			t.Errorf("%s: host %q, hint %q", want, res.Get(attr.HostName), res.Answered)
		}
	}
}

// TestDNSServiceAddresses: an HTTPS record has addresses of its owner in it (RFC 9460, section 7.3).
func TestDNSServiceAddresses(t *testing.T) {
	res := mustMatch(t, proto.DNS, proto.DNS, UDP, 53, sx("1234 8180 0001 0001 0000 0000 03777777 07 6578616d706c65 03 6f7267 00 0041 0001"+
		"c00c 0041 0001 0000003c 0025 0001 00 0001 0006 026832 026833 0004 0008 c0000201 c0000202 0006 0008 2001"+"0db8 00000001"))
	if res.NAnswers != 0 {
		t.Errorf("%d addresses of a record whose list is cut", res.NAnswers)
	}
	res = mustMatch(t, proto.DNS, proto.DNS, UDP, 53, sx("1234 8180 0001 0001 0000 0000 03777777 07 6578616d706c65 03 6f7267 00 0041 0001"+
		"c00c 0041 0001 0000003c 0019 0001 00 0001 0006 026832 026833 0004 0008 c0000201 c0000202"))
	if res.NAnswers != 2 || res.Answers[1].Addr != [16]byte{192, 0, 2, 2} || string(res.Answered) != "www.example.org" {
		t.Errorf("%d answers of %q: %v", res.NAnswers, res.Answered, res.Answers[:res.NAnswers])
	}
}

// TestDNSFailure: a name that is said not to exist has no addresses.
func TestDNSFailure(t *testing.T) {
	res := mustMatch(t, proto.DNS, proto.DNS, UDP, 53, sx("1234 8183 0001 0001 0000 0000 03777777 07 6578616d706c65 03 6f7267 00 0001 0001 c00c 0001 0001 0000003c 0004 c0000201"))
	if res.NAnswers != 0 {
		t.Errorf("%d addresses", res.NAnswers)
	}
}

// Several questions wait in one connection, and their answers come in any order.
func TestDNSOverTCPInAnyOrder(t *testing.T) {
	const www, mail, tail = "03777777 076578616d706c65 036f7267 00", "046d61696c 076578616d706c65 036f7267 00", "0001 0001"
	ask := func(id, name string) string {
		m := id + "0100 0001 0000 0000 0000" + name + tail
		return fmt.Sprintf("%04x", len(unhex(m))) + m
	}
	answer := func(id, name, address string) string {
		m := id + "8180 0001 0001 0000 0000" + name + tail + "c00c 0001 0001 0000003c 0004" + address
		return fmt.Sprintf("%04x", len(unhex(m))) + m
	}
	asked := ask("1111", www) + ask("2222", mail)
	for _, c := range []struct{ what, answers, host string }{
		{"the second first", answer("2222", mail, "c0000202") + answer("1111", www, "c0000201"), "mail.example.org"},
		{"the second alone", answer("2222", mail, "c0000202"), "mail.example.org"},
		{"in their order", answer("1111", www, "c0000201") + answer("2222", mail, "c0000202"), "www.example.org"},
		{"behind one of nobody's", answer("3333", mail, "c0000203") + answer("2222", mail, "c0000202"), "mail.example.org"},
	} {
		res := mustMatch(t, proto.DNS, proto.DNS, TCP, 53, cx(asked), sx(c.answers))
		wantText(t, res, attr.HostName, c.host)
		if res.NAnswers != 1 || res.Asks != res.Replies || res.Asks == 0 || res.More {
			t.Errorf("%s: %d answers, asks %x, replies %x, more %v", c.what, res.NAnswers, res.Asks, res.Replies, res.More)
		}
	}
}

// TestDNSAnotherAnswer: over TCP an answer to something else is passed over.
func TestDNSAnotherAnswer(t *testing.T) {
	question := "ca3b 0120 0001 0000 0000 0000 04 73686f70 07 6578616d706c65 03 6f7267 00 0001 0001"
	ask, answer := cx(question), sx(dnsAlias)
	ask.bytes = append([]byte{0, byte(len(ask.bytes))}, ask.bytes...)
	answer.bytes = append([]byte{0, byte(len(answer.bytes))}, answer.bytes...)
	res := mustMatch(t, proto.DNS, proto.DNS, TCP, 53, ask, answer)
	wantText(t, res, attr.HostName, "shop.example.org")
	if res.NAnswers != 0 {
		t.Error("its addresses are told")
	}
}

// TestStatefulDNS: RFC 8490, section 5.4; a keep-alive and a subscription of RFC 8765.
func TestStatefulDNS(t *testing.T) {
	mustMatch(t, proto.DNS, proto.DNS, TCP, 53, cx("0018 1234 3000 0000 0000 0000 0000 0001 0008 00003a98 00003a98"), sx("0018 1234 b000 0000 0000 0000 0000 0001 0008 00003a98 00003a98"))
	mustMatch(t, proto.DNS, proto.DNS, TCP, 53, cx("0015 1234 3000 0000 0000 0000 0000 0040 0005 0000 010001"))
	mustNot(t, proto.DNS, TCP, 53, cx("0018 1234 3000 0000 0000 0000 0000 0009 0008 00003a98 00003a98"))
	mustNot(t, proto.DNS, TCP, 53, cx("0018 1234 3000 0001 0000 0000 0000 0001 0008 00003a98 00003a98"))
	mustNot(t, proto.DNS, TCP, 53, cx("0018 1234 3000 0000 0000 0000 0000 0001 0007 00003a98 00003a98"))
}
