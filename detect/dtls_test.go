package detect

import (
	"fmt"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestDTLS(t *testing.T) { testProtocol(t, proto.DTLS) }

// What a handshake in the captures tells at its end.
func TestDTLSTells(t *testing.T) {
	res := new(Result)
	tested := 0
	for _, fl := range testFlows(t) {
		if fl.want != proto.DTLS {
			continue
		}
		fl.replay(dtlsLimit, false, func(in *Input) bool {
			res.Reset(proto.DTLS)
			return inspectDTLS(in, res) != Match || !res.More
		})
		version, _ := res.Number(attr.TLSVersion)
		cipher, _ := res.Number(attr.TLSCipher)
		if res.Partial {
			continue
		}
		tested++
		if version>>8 != 0xfe || cipher == 0 || len(res.Get(attr.TLSJA3)) != 16 || len(res.Get(attr.TLSJA3S)) != 16 || res.Get(attr.TLSJA4)[0] != 'd' {
			t.Errorf("%s: version %#x, cipher %#x: %q", fl.capture, version, cipher, told(res))
		}
		preShared := cipher >= 0xa8 && cipher <= 0xb9 // RFC 5487: no certificate
		if version >= 0xfefd && !preShared && !res.Has(attr.TLSFingerprint) {
			t.Errorf("%s: no certificate: %q", fl.capture, told(res))
		}
	}
	if tested == 0 {
		t.Error("no capture of DTLS")
	}
}

func dtlsRecord(typ byte, epoch byte, body ...byte) []byte {
	return append([]byte{typ, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 1, byte(len(body) >> 8), byte(len(body))}, body...)
}

func TestDTLSShapes(t *testing.T) {
	hello := append([]byte{1, 0, 0, 42, 0, 0, 0, 0, 0, 0, 0, 42, 0xfe, 0xfd}, make([]byte, 32)...)
	hello = append(hello, 0, 0, 0, 2, 0xc0, 0x2b, 1, 0)
	first := dtlsRecord(22, 0, hello...)
	data := dtlsRecord(23, 1, make([]byte, 40)...)
	for _, c := range []struct {
		name    string
		b       []byte
		want    Verdict
		partial bool
	}{
		{"hello", first, Match, false},
		{"hello, cut", first[:len(first)-1], No, false},
		{"hello and a byte", append(first[:len(first):len(first)], 0), No, false},
		{"data", data, Match, true},
		{"two records", append(data[:len(data):len(data)], data...), Match, true},
		{"data that is not protected", dtlsRecord(23, 0, make([]byte, 40)...), No, false},
		{"late epoch", dtlsRecord(23, 200, make([]byte, 40)...), No, false},
		{"alert", dtlsRecord(21, 0, 2, 40), Match, true},
		{"alert of no level", dtlsRecord(21, 0, 7, 40), No, false},
		{"a fragment outside of its message", dtlsRecord(22, 0, 1, 0, 0, 5, 0, 0, 0, 0, 4, 0, 0, 2, 1, 2), No, false},
		{"empty record", dtlsRecord(22, 0), No, false},
	} {
		v, res := inspectBytes(t, proto.DTLS, Input{Over: UDP, ServerPort: 4433, ClientPort: 40000, ToServer: c.b})
		if v != c.want || v == Match && res.Partial != c.partial {
			t.Errorf("%s: verdict %d, partial %v", c.name, v, res.Partial)
		}
		version, told := res.Number(attr.TLSVersion)
		if want := c.name == "data" || c.name == "two records"; c.partial && (told != want || want && version != 0xfefd) {
			t.Errorf("%s: version %#x, told %v", c.name, version, told)
		}
	}
}

// DTLS 1.3: protected records with the unified header follow the hello in one
// datagram (RFC 9147, section 4), and may be all that is seen.
func TestDTLS13(t *testing.T) {
	const id = proto.DTLS
	body := "fefd" + sealedHex(32) + "00 1301 00 0006 002b0002fefc"
	server := fmt.Sprintf("02 %06x 0000 000000 %06[1]x", len(unhex(body))) + body
	hello := fmt.Sprintf("16 fefd 0000 000000000000 %04x", len(unhex(server))) + server
	sealed := "2e a1b2 0020" + sealedHex(32)
	for _, rest := range []string{sealed, sealed + sealed, sealed + "2a c3d4" + sealedHex(40), "3e" + sealedHex(60)} {
		res := mustMatch(t, id, id, UDP, 4444, sx(hello+rest))
		version, _ := res.Number(attr.TLSVersion)
		if cipher, _ := res.Number(attr.TLSCipher); version != 0xfefc || cipher != 0x1301 {
			t.Errorf("%s: version %#x, cipher %#x", rest, version, cipher)
		}
	}
	mustNot(t, id, UDP, 4444, sx(hello+"2e a1b2 0040"+sealedHex(32))) // longer than the datagram
	mustNot(t, id, UDP, 4444, sx(hello+"2c a1b2 0020"+sealedHex(32))) // epoch 0
	mustNot(t, id, UDP, 4444, sx(sealed))                             // proves nothing alone
}

// Of a capture that shows the server alone, the request for a cookie tells
// little, and the hello after it all.
func TestDTLSServerAlone(t *testing.T) {
	cookie := dtlsRecord(22, 0, 3, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 5, 0xfe, 0xff, 2, 7, 8)
	hello := append([]byte{2, 0, 0, 38, 0, 1, 0, 0, 0, 0, 0, 38, 0xfe, 0xfd}, make([]byte, 32)...)
	hello = append(hello, 0, 0xc0, 0x2b, 0)
	res := mustMatch(t, proto.DTLS, proto.DTLS, UDP, 9999, said{true, cookie})
	if !res.Partial || !res.More {
		t.Errorf("after the cookie: partial %v, more %v", res.Partial, res.More)
	}
	res = mustMatch(t, proto.DTLS, proto.DTLS, UDP, 9999, said{true, cookie}, said{true, dtlsRecord(22, 0, hello...)})
	if n, _ := res.Number(attr.TLSCipher); n != 0xc02b || res.Partial {
		t.Errorf("cipher %#x, partial %v", n, res.Partial)
	}
}
