package detect

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

// TestSTUNRealm: the realm of a relay tells whose call it is.
func TestSTUNRealm(t *testing.T) {
	for realm, want := range map[string]proto.ID{
		"signal.org":        proto.SignalCall,
		"telegram.org":      proto.TelegramVoIP,
		"turner.facebook":   proto.FacebookVoIP,
		"turn.l.google.com": proto.GoogleMeetDuo,
		"example.net":       proto.STUN,
	} {
		padded := realm + strings.Repeat("\x00", -len(realm)&3)
		refusal := fmt.Sprintf("\x01\x13\x00%c\x21\x12\xa4\x42ABCDEFGHIJKL\x00\x14\x00%c%s", 4+len(padded), len(realm), padded)
		mustMatch(t, proto.STUN, want, UDP, 3478, s(refusal))
	}
}

// TestRelayedDTLS: a handshake through a relay comes in indications, and in a
// channel once there is one (RFC 8656).
func TestRelayedDTLS(t *testing.T) {
	stream, _ := tlsStreams(t, tls.VersionTLS12, "call.example.org", nil)
	pieces := dtlsPieces(1, 0, dtlsHello(t, stream[5:recordEnd(stream)], ""), 700, 0)
	indication := func(kind byte, data []byte) []byte {
		pad := make([]byte, -len(data)&3)
		body := slices.Concat([]byte{0, 0x12, 0, 8, 0, 1, 0x21, 0x12, 0xe1, 0xba, 0xa5, 0x43, 0, 0x13, byte(len(data) >> 8), byte(len(data))}, data, pad)
		return slices.Concat([]byte{0, kind, byte(len(body) >> 8), byte(len(body)), 0x21, 0x12, 0xa4, 0x42}, []byte("ABCDEFGHIJKL"), body)
	}
	channel := func(data []byte) []byte {
		return slices.Concat([]byte{0x40, 1, byte(len(data) >> 8), byte(len(data))}, data)
	}
	say := []said{c("\x00\x03\x00\x00\x21\x12\xa4\x42ABCDEFGHIJKL"), {true, indication(0x17, []byte("\x00\x01\x00\x00\x21\x12\xa4\x42ABCDEFGHIJKL"))}}
	for i, p := range pieces {
		if i == 0 {
			say = append(say, said{false, indication(0x16, p)})
		} else {
			say = append(say, said{false, channel(p)})
		}
	}
	res := mustMatch(t, proto.STUN, proto.DTLS, UDP, 3478, say...)
	wantText(t, res, attr.TLSSNI, "call.example.org")
	if len(res.Get(attr.TLSJA3)) != 16 || len(res.Get(attr.TLSJA4)) != 36 {
		t.Errorf("%d pieces: %q", len(pieces), told(res))
	}
	media := func(seq int) []byte { return unhex(rtpPacket(111, seq, 960*seq, 0xcafe0001)) }
	mustMatch(t, proto.STUN, proto.RTP, UDP, 3478, say[0], said{false, channel(media(1))}, said{false, indication(0x16, media(2))}, said{false, channel(media(3))}, said{false, channel(media(4))})
}
