package detect

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestQUIC(t *testing.T) { testProtocol(t, proto.QUIC, proto.DoQ) }

// agentParameters are transport parameters with Google's user_agent.
var agentParameters = append([]byte{0x01, 0x02, 0x67, 0x10, 0x71, 0x29, 12}, "Chrome/1 test"[:12]...)

// quicSay asks the card about datagrams as the engine does, and gives the last answer.
func quicSay(t testing.TB, said []said) (Verdict, *Result) {
	t.Helper()
	res := new(Result)
	v := No
	fl := testFlow{in: Input{Over: UDP, IPProtocol: 17, ServerPort: 443, ClientPort: 40000}, said: said}
	fl.replay(quicLimit, false, func(in *Input) bool {
		v = Again(in, Card(proto.QUIC), res, res.Set.AppendPacked(nil))
		return v == No
	})
	return v, res
}

func toServer(b ...[]byte) said { return said{false, slices.Concat(b...)} }
func toClient(b ...[]byte) said { return said{true, slices.Concat(b...)} }

// wantHello checks that a client's hello was read.
func wantHello(t *testing.T, what string, v Verdict, res *Result) {
	t.Helper()
	if v != Match {
		t.Fatalf("%s: verdict %d", what, v)
	}
	if got := string(res.Get(attr.TLSSNI)); got != "www.Example.com" {
		t.Errorf("%s: SNI %q", what, got)
	}
	if got := string(res.Get(attr.HostName)); got != "www.example.com" {
		t.Errorf("%s: host %q", what, got)
	}
	if got := string(res.Get(attr.TLSALPN)); got != "h3" {
		t.Errorf("%s: ALPN %q", what, got)
	}
	if got := string(res.Get(attr.QUICUserAgent)); got != "Chrome/1 tes" {
		t.Errorf("%s: user agent %q", what, got)
	}
	if got := string(res.Get(attr.TLSJA4)); !strings.HasPrefix(got, "q13d") || !strings.Contains(got, "h3_") {
		t.Errorf("%s: JA4 %q", what, got)
	}
	if len(res.Get(attr.TLSJA3)) != 16 {
		t.Errorf("%s: no JA3", what)
	}
}

// wantServer checks that the server's hello was read too, and that nothing more is asked for.
func wantServer(t *testing.T, what string, res *Result) {
	t.Helper()
	if v, _ := res.Number(attr.TLSVersion); v != 0x0304 {
		t.Errorf("%s: version %#x", what, v)
	}
	if v, _ := res.Number(attr.TLSCipher); v>>8 != 0x13 {
		t.Errorf("%s: cipher %#x", what, v)
	}
	if len(res.Get(attr.TLSJA3S)) != 16 {
		t.Errorf("%s: no JA3S", what)
	}
	if res.More {
		t.Errorf("%s: wants more", what)
	}
}

func wantVersion(t *testing.T, what string, res *Result, want uint32) {
	t.Helper()
	if v, _ := res.Number(attr.QUICVersion); v != uint64(want) {
		t.Errorf("%s: QUIC version %#x, want %#x", what, v, want)
	}
}

func TestQUICVersions(t *testing.T) {
	client, server := quicHellos(t, "www.Example.com", "h3", agentParameters)
	for version := range quicSalts {
		if version>>24 == 'Q' || version>>24 == 'T' { // other frames
			continue
		}
		p := initial{version: version, dcid: "12345678", scid: "abcd", frames: cryptoFrame(client, 0, len(client)), size: 1250}
		v, res := quicSay(t, []said{toServer(p.seal(t))})
		wantHello(t, "client alone", v, res)
		wantVersion(t, "client alone", res, version)
		if !res.More {
			t.Errorf("%#x: the server's hello is not waited for", version)
		}
		s := initial{version: version, origin: "12345678", server: true, dcid: "abcd", scid: "efgh", frames: append([]byte{2, 0, 0, 0, 0}, cryptoFrame(server, 0, len(server))...)}
		handshake := append([]byte{0xe0 | 1, 0, 0, 0, 1, 4, 'a', 'b', 'c', 'd', 0, 0x40, 50}, make([]byte, 50)...)
		v, res = quicSay(t, []said{toServer(p.seal(t)), toClient(s.seal(t), handshake)})
		wantHello(t, "both", v, res)
		wantServer(t, "both", res)
	}
}

// A version nobody knows is QUIC where the keys of a known one open it.
func TestQUICUnknownVersion(t *testing.T) {
	client, _ := quicHellos(t, "www.Example.com", "h3", agentParameters)
	p := initial{version: 0x12345678, salt: quicSalts[1], dcid: "12345678", frames: cryptoFrame(client, 0, len(client)), size: 1250}
	v, res := quicSay(t, []said{toServer(p.seal(t))})
	wantHello(t, "unknown version", v, res)
	p.salt = strings.Repeat("ab", 20)
	if v, _ := quicSay(t, []said{toServer(p.seal(t))}); v != No {
		t.Errorf("unknown version that nothing opens: verdict %d", v)
	}
	p.version = 0x1a2a3a4a
	v, res = quicSay(t, []said{toServer(p.seal(t))})
	if v != Match || res.Has(attr.TLSSNI) {
		t.Errorf("version that forces negotiation: verdict %d", v)
	}
	p.size, p.frames = 1199, nil
	if v, _ := quicSay(t, []said{toServer(p.seal(t))}); v != No {
		t.Errorf("version that forces negotiation, in a small datagram: verdict %d", v)
	}
	p.version, p.size, p.frames = 1, 0, []byte{1, 1, 1}
	v, res = quicSay(t, []said{toServer(p.seal(t))})
	if v != Match || res.Has(attr.TLSSNI) {
		t.Errorf("known version that nothing opens: verdict %d", v)
	}
}

// The hello in two CRYPTO frames, cut at every byte, in either order, in one packet, two packets or two datagrams.
func TestQUICHelloSplit(t *testing.T) {
	client, _ := quicHellos(t, "www.Example.com", "h3", agentParameters)
	for cut := 1; cut < len(client); cut++ {
		a, b := cryptoFrame(client, 0, cut), cryptoFrame(client, cut, len(client))
		if cut%2 == 0 {
			a, b = b, a
		}
		p1 := initial{version: 1, dcid: "12345678", number: 0, frames: a}.seal(t)
		p2 := initial{version: 1, dcid: "12345678", number: 1, frames: b}.seal(t)
		both := initial{version: 1, dcid: "12345678", frames: slices.Concat(a, []byte{1, 0, 0}, b)}.seal(t)
		v, res := quicSay(t, []said{toServer(both)})
		wantHello(t, "one packet", v, res)
		v, res = quicSay(t, []said{toServer(p1, p2)})
		wantHello(t, "one datagram", v, res)
		v, res = quicSay(t, []said{toServer(p1)})
		if v != Match || !res.More || res.Has(attr.TLSJA3) {
			t.Fatalf("cut at %d: half a hello gives verdict %d, more %v", cut, v, res.More)
		}
		v, res = quicSay(t, []said{toServer(p1), toServer(p2)})
		wantHello(t, "two datagrams", v, res)
		if t.Failed() {
			t.Fatalf("cut at %d", cut)
		}
	}
}

// Many small frames in any order, some of them twice and overlapping, among PING and PADDING.
func TestQUICHelloShuffled(t *testing.T) {
	client, _ := quicHellos(t, "www.Example.com", "h3", agentParameters)
	rng := rand.New(rand.NewSource(1))
	for range 50 {
		var frames [][]byte
		for at := 0; at < len(client); {
			n := min(1+rng.Intn(30), len(client)-at)
			frames = append(frames, cryptoFrame(client, at, at+n), make([]byte, rng.Intn(4)), []byte{1})
			if rng.Intn(5) == 0 {
				from := max(0, at-rng.Intn(40))
				frames = append(frames, cryptoFrame(client, from, at+n))
			}
			at += n
		}
		rng.Shuffle(len(frames), func(i, j int) { frames[i], frames[j] = frames[j], frames[i] })
		var say []said
		const datagrams = 3
		for i := range datagrams {
			part := frames[len(frames)*i/datagrams : len(frames)*(i+1)/datagrams]
			say = append(say, toServer(initial{version: 1, dcid: "12345678", number: byte(i), frames: slices.Concat(part...)}.seal(t)))
		}
		v, res := quicSay(t, say)
		wantHello(t, "shuffled", v, res)
		if t.Failed() {
			t.FailNow()
		}
	}
}

func TestQUICPaths(t *testing.T) {
	client, server := quicHellos(t, "www.Example.com", "h3", agentParameters)
	whole := cryptoFrame(client, 0, len(client))
	answer := cryptoFrame(server, 0, len(server))
	first := initial{version: 1, dcid: "12345678", scid: "cli", frames: whole, size: 1200}.seal(t)

	retry := append([]byte{0xf0, 0, 0, 0, 1, 3, 'c', 'l', 'i', 4, 'r', 'e', 't', 'r'}, make([]byte, 40)...)
	v, res := quicSay(t, []said{
		toServer(first), toClient(retry),
		toServer(initial{version: 1, dcid: "retr", scid: "cli", token: "token", number: 1, frames: whole, size: 1200}.seal(t)),
		toClient(initial{version: 1, origin: "retr", server: true, dcid: "cli", scid: "serv", frames: answer}.seal(t)),
	})
	wantHello(t, "retry", v, res)
	wantServer(t, "retry", res)

	half := len(client) / 2
	v, res = quicSay(t, []said{
		toServer(initial{version: 1, dcid: "12345678", scid: "cli", frames: cryptoFrame(client, 0, half), size: 1200}.seal(t)),
		toClient(initial{version: 1, origin: "12345678", server: true, dcid: "cli", scid: "serv", frames: []byte{2, 0, 0, 0, 0}}.seal(t)),
		toServer(initial{version: 1, origin: "12345678", dcid: "serv", scid: "cli", number: 1, frames: cryptoFrame(client, half, len(client))}.seal(t)),
	})
	wantHello(t, "the server's identifier in the middle", v, res)

	v, res = quicSay(t, []said{
		toServer(first),
		toClient(initial{version: 0x6b3343cf, origin: "12345678", server: true, dcid: "cli", scid: "serv", frames: answer}.seal(t)),
	})
	wantHello(t, "version 2 chosen", v, res)
	wantServer(t, "version 2 chosen", res)
	wantVersion(t, "version 2 chosen", res, 0x6b3343cf)

	negotiation := []byte{0x80, 0, 0, 0, 0, 3, 'c', 'l', 'i', 8, '1', '2', '3', '4', '5', '6', '7', '8', 0, 0, 0, 1, 0x4a, 0x3a, 0x2a, 0x1a}
	v, res = quicSay(t, []said{
		toServer(initial{version: 0x1a2a3a4a, salt: quicSalts[1], dcid: "12345678", scid: "cli", frames: whole, size: 1200}.seal(t)),
		toClient(negotiation),
		toServer(initial{version: 1, dcid: "87654321", scid: "cli", frames: whole, size: 1200}.seal(t)),
	})
	wantHello(t, "negotiation", v, res)
	wantVersion(t, "negotiation", res, 1)
	if v, _ := quicSay(t, []said{toClient(negotiation)}); v != Match {
		t.Errorf("negotiation alone: verdict %d", v)
	}

	damaged := slices.Clone(first)
	damaged[len(damaged)-1] ^= 1
	v, res = quicSay(t, []said{toServer(damaged)})
	wantHello(t, "wrong tag behind sound frames", v, res)
	const text = 1 + 4 + 1 + 8 + 1 + 3 + 1 + 2 + 2 // behind the header of first
	damaged[text] ^= 1                             // the frame's type
	v, res = quicSay(t, []said{toServer(damaged)})
	if v != Match || res.Has(attr.TLSSNI) {
		t.Errorf("wrong tag behind damaged frames: verdict %d, SNI %q", v, res.Get(attr.TLSSNI))
	}
}

// zeroRTT is a packet of early data in version 1 or 2, which nobody can open.
func zeroRTT(version uint32, dcid, scid string, size int) []byte {
	first := byte(0xd1)
	if version == 0x6b3343cf {
		first = 0xe1
	}
	b := binary.BigEndian.AppendUint32([]byte{first}, version)
	b = append(append(b, byte(len(dcid))), dcid...)
	b = append(append(b, byte(len(scid))), scid...)
	b = binary.BigEndian.AppendUint16(b, uint16(size)|0x4000)
	sealed := make([]byte, size)
	rand.New(rand.NewSource(1)).Read(sealed)
	return append(b, sealed...)
}

// TestQUICServerNamesNothing: what a server seals with whatever keys, and where
// ever it puts that, neither name nor fingerprint nor version is its own (RFC 9001, section 5.2).
func TestQUICServerNamesNothing(t *testing.T) {
	client, server := quicHellos(t, "www.Example.com", "h3", agentParameters)
	other, _ := quicHellos(t, "dns.google", "doq", nil)
	evil := cryptoFrame(other, 0, len(other))
	half := len(client) / 2
	for _, version := range []uint32{1, 0x6b3343cf} {
		hello := func(dcid string, number byte, from, to int) said {
			return toServer(initial{version: version, dcid: dcid, scid: "cli", number: number, frames: cryptoFrame(client, from, to), size: 1200}.seal(t))
		}
		first := hello("12345678", 0, 0, len(client))
		answer := toClient(initial{version: version, origin: "12345678", server: true, dcid: "cli", scid: "serv", frames: append([]byte{2, 0, 0, 0, 0}, cryptoFrame(server, 0, len(server))...)}.seal(t))
		reserved := toServer(initial{version: 0x1a2a3a4a, salt: quicSalts[1], dcid: "12345678", scid: "cli", frames: cryptoFrame(client, 0, len(client)), size: 1200}.seal(t))
		for name, f := range map[string]initial{
			"the client's keys":                       {version: version, origin: "12345678"},
			"keys of its own identifier":              {version: version},
			"the server's keys":                       {version: version, origin: "12345678", server: true},
			"keys of the other version":               {version: version ^ 1 ^ 0x6b3343cf},
			"keys of a draft":                         {version: 0xff00001b},
			"version 1 under a version of nobody":     {version: 0x12345678, salt: quicSalts[1]},
			"version 1 under one to force an answer":  {version: 0x1a2a3a4a, salt: quicSalts[1]},
			"keys of Google's version":                {version: 0x51303530},
			"the client's keys under Google's number": {version: 0x51303530, salt: quicSalts[version], origin: "12345678"},
		} {
			f.dcid, f.scid, f.frames, f.size = "87654321", "serv", evil, 1200
			forged := f.seal(t)
			for where, say := range map[string][]said{
				"before the answer":           {first, toClient(forged), answer},
				"after it":                    {first, answer, toClient(forged)},
				"in one datagram with it":     {first, toClient(answer.bytes, forged)},
				"in one datagram, first":      {first, toClient(forged, answer.bytes)},
				"between halves of the hello": {hello("12345678", 0, 0, half), toClient(forged), hello("12345678", 1, half, len(client)), answer},
				"after early data alone":      {toServer(zeroRTT(version, "12345678", "cli", 1024)), toClient(forged), first, answer},
				"to force a version":          {reserved, toClient(forged), hello("12345678", 0, 0, len(client)), answer},
			} {
				v, res := quicSay(t, say)
				what := fmt.Sprintf("%#x: %s, %s", version, name, where)
				wantHello(t, what, v, res)
				wantVersion(t, what, res, version)
				if name != "the server's keys" && where != "in one datagram, first" { // there it only damages its own answer
					wantServer(t, what, res)
				}
			}
		}
	}
}

// A Retry alone is a flag, a version and lengths, which a record of numbers may
// have; it is waited for more.
func TestQUICRetryAlone(t *testing.T) {
	retry := slices.Concat([]byte{0xf0, 0, 0, 0, 1, 3, 'c', 'l', 'i', 4, 'r', 'e', 't', 'r'}, zeroRTT(1, "", "", 40)[7:])
	if v, _ := quicSay(t, []said{toClient(retry)}); v != NeedMore {
		t.Errorf("alone: verdict %d", v)
	}
	_, server := quicHellos(t, "www.Example.com", "h3", agentParameters)
	answer := initial{version: 1, origin: "retr", server: true, dcid: "cli", scid: "serv", frames: cryptoFrame(server, 0, len(server))}.seal(t)
	if v, _ := quicSay(t, []said{toClient(retry), toClient(answer)}); v != Match {
		t.Errorf("and the server's answer: verdict %d", v)
	}
}

// A hello in three datagrams, the last first and one of them twice, among PING
// and PADDING, before and behind early data, and after a Retry, whatever its tag.
func TestQUICBeginnings(t *testing.T) {
	client, server := quicHellos(t, "www.Example.com", "h3", agentParameters)
	for _, version := range []uint32{1, 0x6b3343cf} {
		hello := func(number byte, from, to int) said {
			frames := slices.Concat([]byte{1, 0, 0, 1}, cryptoFrame(client, from, to), []byte{0, 0, 1})
			return toServer(initial{version: version, dcid: "12345678", scid: "cli", number: number, frames: frames, size: 1200}.seal(t))
		}
		answer := toClient(initial{version: version, origin: "12345678", server: true, dcid: "cli", scid: "serv", frames: append([]byte{2, 0, 0, 0, 0}, cryptoFrame(server, 0, len(server))...)}.seal(t))
		early := zeroRTT(version, "12345678", "cli", 1024)
		third, all := len(client)/3, len(client)
		retry := binary.BigEndian.AppendUint32([]byte{map[uint32]byte{1: 0xf0, 0x6b3343cf: 0xc0}[version]}, version)
		retry = append(append(retry, "\x03cli\x04retr"...), early[len(early)-40:]...)
		for what, say := range map[string][]said{
			"in three":                {hello(0, 2*third, all), hello(1, 0, third), hello(2, third, 2*third), hello(3, 0, third), answer},
			"behind early data":       {toServer(early), hello(0, 0, all), answer},
			"before it":               {toServer(hello(0, 0, all).bytes, early), answer},
			"behind it, one datagram": {toServer(early, hello(0, 0, all).bytes), answer},
			"a Retry that is ignored": {hello(0, 0, all), toClient(retry), answer},
		} {
			v, res := quicSay(t, say)
			wantHello(t, what, v, res)
			wantServer(t, what, res)
			wantVersion(t, what, res, version)
		}
	}
}

func TestQUICNames(t *testing.T) {
	for _, c := range []struct {
		host, alpn string
		want       proto.ID
	}{
		{"www.example.com", "h3", proto.QUIC},
		{"dns.example.com", "doq", proto.DoQ},
		{"dns.example.com", "doq-i00", proto.DoQ},
		{"dns.google", "h3", proto.DoH},
		{"doh-2.example.com", "h3", proto.DoH},
		{"dohring.example.com", "h3", proto.QUIC},
	} {
		client, _ := quicHellos(t, c.host, c.alpn, nil)
		p := initial{version: 1, dcid: "12345678", frames: cryptoFrame(client, 0, len(client)), size: 1200}
		if v, res := quicSay(t, []said{toServer(p.seal(t))}); v != Match || res.Protocol != c.want {
			t.Errorf("%s with %s: verdict %d, %v, want %v", c.host, c.alpn, v, res.Protocol, c.want)
		}
	}
}

// chlo is a hello of Google's own handshake.
func chlo(pairs ...string) []byte {
	b := append([]byte("CHLO"), byte(len(pairs)/2), 0, 0, 0)
	var values []byte
	for i := 0; i < len(pairs); i += 2 {
		values = append(values, pairs[i+1]...)
		b = append(b, pairs[i]...)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(values)))
	}
	return append(b, values...)
}

func TestQUICGoogle(t *testing.T) {
	hello := chlo("PAD\x00", "-----", "SNI\x00", "www.example.com", "UAID", "Chrome/66", "TCID", "\x00\x00\x00\x00")
	hash := unhex(sealedHex(12))
	n := byte(len(hello))
	long := append([]byte{8, 0x40, 0, 0x40, n}, hello...)
	for _, c := range []struct {
		version  string
		datagram []byte
	}{
		{"Q043", slices.Concat([]byte{0x09}, []byte("12345678Q043\x01"), hash, []byte{0xa0, 1, 0, n}, hello, make([]byte, 99))},
		{"Q035", slices.Concat([]byte{0x0d}, []byte("12345678Q035\x01"), hash, []byte{0xa0, 1, n, 0}, hello)},
		{"Q025", slices.Concat([]byte{0x0d}, []byte("12345678Q025\x01"), hash, []byte{1, 0xa0, 1, n, 0}, hello)},
		{"Q046", slices.Concat([]byte{0xc3}, []byte("Q046\x5012345678\x00\x00\x00\x01"), hash, []byte{0xa4, 1, 4, 0, 0, n}, hello)},
		{"Q050", initial{version: 0x51303530, dcid: "12345678", frames: long, size: 1200}.seal(t)},
	} {
		v, res := quicSay(t, []said{toServer(c.datagram)})
		if v != Match || string(res.Get(attr.TLSSNI)) != "www.example.com" || string(res.Get(attr.QUICUserAgent)) != "Chrome/66" || res.More {
			t.Errorf("%s: verdict %d, SNI %q, agent %q, more %v", c.version, v, res.Get(attr.TLSSNI), res.Get(attr.QUICUserAgent), res.More)
		}
		wantVersion(t, c.version, res, binary.BigEndian.Uint32([]byte(c.version)))
	}

	client, _ := quicHellos(t, "www.Example.com", "h3", agentParameters)
	frame := append([]byte{8, 0x40, 0, 0x40 | byte(len(client)>>8), byte(len(client))}, client...)
	v, res := quicSay(t, []said{toServer(initial{version: 0x54303531, dcid: "12345678", frames: frame, size: 1200}.seal(t))})
	wantHello(t, "T051", v, res)

	reply := slices.Concat([]byte{0x08}, []byte("12345678\x01"), hash, []byte{0x40, 1, 3, 0xd9, 1, 0, 6, 0, 0xa0, 1, 0, 4}, []byte("REJ\x00\x07\x00\x00\x00"))
	if v, _ := quicSay(t, []said{toClient(reply)}); v != Match {
		t.Errorf("a rejection alone: verdict %d", v)
	}
	for _, no := range []string{"\x0912345678Q0x3\x01", "\x4012345678901234567890", "\x0812345678901234567890123456"} {
		if v, _ := quicSay(t, []said{toServer([]byte(no))}); v != No {
			t.Errorf("%q: verdict %d", no, v)
		}
	}
}

func TestQUICDoesNotAllocate(t *testing.T) {
	client, server := quicHellos(t, "www.example.com", "h3", agentParameters)
	in := Input{Over: UDP, ServerPort: 443, ClientPort: 40000, FromServer: true}
	in.ToClient = initial{version: 1, origin: "12345678", server: true, dcid: "abcd", frames: cryptoFrame(server, 0, len(server))}.seal(t)
	in.SetHeld(AppendHeld(nil, false, initial{version: 1, dcid: "12345678", frames: cryptoFrame(client, 0, len(client)), size: 1200}.seal(t), 0))
	res := new(Result)
	if a := testing.AllocsPerRun(20, func() {
		res.Reset(proto.QUIC)
		if inspectQUIC(&in, res) != Match {
			t.Fatal("no match")
		}
	}); a != 0 {
		t.Errorf("%v allocations", a)
	}
	wantServer(t, "both", res)
}

func TestQUICEveryPrefix(t *testing.T) {
	client, _ := quicHellos(t, "www.Example.com", "h3", agentParameters)
	p := initial{version: 1, dcid: "12345678", frames: cryptoFrame(client, 0, len(client)), size: 1200}.seal(t)
	v, res := inspectBytes(t, proto.QUIC, Input{Over: UDP, ServerPort: 443, ClientPort: 40000, ToServer: p})
	wantHello(t, "whole", v, res)
}

// Random datagrams are neither QUIC nor DTLS, also when they begin as one.
func TestRandomDatagrams(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	b := make([]byte, 1400)
	res := new(Result)
	for range 200000 {
		rng.Read(b[:64])
		n := 20 + rng.Intn(len(b)-20)
		switch rng.Intn(4) {
		case 0:
			b[0] |= 0xc0
		case 1:
			b[0] = 20 + b[0]&3
		}
		in := Input{Over: UDP, ServerPort: 443, ClientPort: 40000, ToServer: b[:n]}
		res.Reset(proto.QUIC)
		if inspectQUIC(&in, res) == Match { // at the port a short header waits for others
			t.Fatalf("a match of QUIC at its port: %x", b[:min(n, 64)])
		}
		in.ServerPort = 4434
		for _, id := range []proto.ID{proto.QUIC, proto.DTLS} {
			res.Reset(id)
			if v := Registry[Card(id)].Inspect(&in, res); v != No {
				t.Fatalf("%v: verdict %d for %x", id, v, b[:min(n, 64)])
			}
		}
	}
}

func BenchmarkQUICHello(b *testing.B) {
	client, _ := quicHellos(b, "www.example.com", "h3", agentParameters)
	in := Input{Over: UDP, ServerPort: 443, ClientPort: 40000}
	in.ToServer = initial{version: 1, dcid: "12345678", frames: cryptoFrame(client, 0, len(client)), size: 1200}.seal(b)
	res := new(Result)
	b.ReportAllocs()
	for b.Loop() {
		res.Reset(proto.QUIC)
		inspectQUIC(&in, res)
	}
}

func BenchmarkQUICNo(b *testing.B) {
	in := Input{Over: UDP, ServerPort: 443, ClientPort: 40000, ToServer: make([]byte, 1200)}
	res := new(Result)
	b.ReportAllocs()
	for b.Loop() {
		inspectQUIC(&in, res)
	}
}

// Facebook's versions keep the keys of a draft; their servers negotiate a TLS of their own (Fizz).
func TestQUICOfFacebook(t *testing.T) {
	client, server := quicHellos(t, "www.Example.com", "h3", agentParameters)
	at := bytes.Index(server, []byte{0, 43, 0, 2, 3, 4})
	own := bytes.Clone(server)
	own[at+4], own[at+5] = 0xfb, 0x1a
	for _, version := range []uint32{0xfaceb001, 0xfaceb002, 0xfaceb00e, 0xfaceb010, 0xfaceb011, 0xfaceb013} {
		for _, salt := range []string{quicSalts[1], quicSalts[0xff000020], quicSalts[0xff00001b], quicSalts[0xff000016]} {
			if early := version == 0xfaceb001; early != (salt == quicSalts[0xff000016]) || version == 0xfaceb002 && salt != quicSalts[0xff00001b] {
				continue
			}
			p := initial{version: version, salt: salt, dcid: "12345678", scid: "abcd", frames: cryptoFrame(client, 0, len(client)), size: 1250}
			s := initial{version: version, salt: salt, origin: "12345678", server: true, dcid: "abcd", scid: "efgh", frames: append([]byte{2, 0, 0, 0, 0}, cryptoFrame(own, 0, len(own))...)}
			what := fmt.Sprintf("%#x", version)
			v, res := quicSay(t, []said{toServer(p.seal(t)), toClient(s.seal(t))})
			wantHello(t, what, v, res)
			wantVersion(t, what, res, version)
			if v, _ := res.Number(attr.TLSVersion); v != 0xfb1a || len(res.Get(attr.TLSJA3S)) != 16 || res.More {
				t.Errorf("%s: TLS %#x, JA3S %x, more %v", what, v, res.Get(attr.TLSJA3S), res.More)
			}
		}
	}
}
