package detect

import (
	"netifyd/core/proto"
	"netifyd/detect/internal/quiccrypto"
)

// Telegram: MTProto over TCP in its transports (core.telegram.org/mtproto/mtproto-transports),
// bare or hidden by "transport obfuscation", and the reflectors of its calls over UDP.
var telegramCard = Protocol{ID: proto.Telegram, Over: TCP | UDP, Ports: []uint16{443, 5222}, Limit: 256, Inspect: inspectTelegram}

// mtprotoInit is the length of the start of an obfuscated stream.
const mtprotoInit = 64

func inspectTelegram(in *Input, _ *Result) Verdict {
	if in.Over == UDP {
		return telegramReflector(in.Newest())
	}
	b := in.ToServer
	if len(b) == 0 {
		if len(in.ToClient) > 0 {
			return No
		}
		return NeedMore
	}
	bare := mtprotoBare(b)
	if bare == Match {
		return Match
	}
	if len(b) < mtprotoInit {
		if bare == No && len(in.ToClient) > 0 {
			return No // the start is sent in one go, and the server speaks after it
		}
		return NeedMore
	}
	if bare == No && mtprotoHidden(b) {
		return Match
	}
	return bare
}

// mtprotoBare judges a stream that is not hidden: the mark of the transport,
// then a first message that asks for the server's key (zeros for a key that is
// not there yet, identifier of the message, length 20 or 40, req_pq_multi or req_pq).
func mtprotoBare(b []byte) Verdict {
	var head int
	switch {
	case b[0] == 0xef: // abridged: length in words
		head = 2
		if len(b) > 1 && b[1] != 0x0a {
			return No
		}
	case begins(b, "\xee\xee\xee\xee") != No, begins(b, "\xdd\xdd\xdd\xdd") != No: // intermediate: length in bytes
		head = 8
		if len(b) > 6 && (b[6] != 0 || len(b) > 7 && b[7] != 0) {
			return No
		}
	default:
		return No
	}
	const keyID, constructor, end = 8, 20, 24
	b = b[min(len(b), head):]
	if !isZero(b[:min(len(b), keyID)]) {
		return No
	}
	if len(b) < end {
		return NeedMore
	}
	switch le32(b[constructor:]) {
	case 0xbe7e8ef1, 0x60469778:
		return Match
	}
	return No
}

// mtprotoHidden undoes the obfuscation: bytes 8 to 55 of the start are the key
// and the first counter of AES-256-CTR, under which bytes 56 to 63 are the mark
// of a transport, the data centre and two random bytes. (Towards a proxy with a
// secret, that secret is in the key, and nobody else can know.)
func mtprotoHidden(b []byte) bool {
	const key, counter, mark = 8, 40, 56
	var block [16]byte
	copy(block[:], b[counter:mark])
	for i, carry := len(block)-1, 3; i >= 0 && carry > 0; i-- { // the fourth block
		carry += int(block[i])
		block[i] = byte(carry)
		carry >>= 8
	}
	quiccrypto.EncryptBlock256((*[32]byte)(b[key:counter]), &block)
	var tag [6]byte
	for i := range tag {
		tag[i] = b[mark+i] ^ block[8+i]
	}
	switch le32(tag[:]) {
	case 0xefefefef, 0xeeeeeeee, 0xdddddddd:
	default:
		return false
	}
	const maxCentre, testCentres = 1000, 10000
	centre := int(int16(le16(tag[4:])))
	if centre < 0 {
		centre = -centre // for media
	}
	return centre > 0 && centre < maxCentre || centre > testCentres && centre < testCentres+maxCentre
}

// telegramReflector recognises a packet to or from a reflector of calls: tag
// of the peer (16), and in place of enciphered data twelve bytes of ones with
// a request or a time.
func telegramReflector(d []byte) Verdict {
	const tag, request, answer = 16, 32, 64
	if len(d) != request+8 && len(d) != request && len(d) != answer && len(d) != answer+16 {
		return No
	}
	if !looksRandom(d[:tag]) {
		return No
	}
	for _, c := range d[tag : tag+12] {
		if c != 0xff {
			return No
		}
	}
	if kind := d[tag+12]; len(d) <= request+8 && (kind < 0xf0 || be32(d[tag+12:])|0xff000000 != 0xffffffff) {
		return No
	}
	return Match
}
