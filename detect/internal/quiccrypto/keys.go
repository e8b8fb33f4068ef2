package quiccrypto

// Params are what a version of QUIC derives Initial keys with.
type Params struct {
	Salt [20]byte
	// V2 uses the labels of RFC 9369, section 3.3.2.
	V2 bool
}

// Initial salts.
var (
	saltV1     = Params{Salt: salt("\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a")}           // RFC 9001, section 5.2; draft 33 on
	saltV2     = Params{Salt: salt("\x0d\xed\xe3\xde\xf7\x00\xa6\xdb\x81\x93\x81\xbe\x6e\x26\x9d\xcb\xf9\xbd\x2e\xd9"), V2: true} // RFC 9369, section 3.3.1
	saltV2old  = Params{Salt: salt("\xa7\x07\xc2\x03\xa5\x9b\x47\x18\x4a\x1d\x62\xca\x57\x04\x06\xea\x7a\xe3\xe5\xd3"), V2: true} // draft-ietf-quic-v2-01
	saltDraft  = Params{Salt: salt("\xaf\xbf\xec\x28\x99\x93\xd2\x4c\x9e\x97\x86\xf1\x9c\x61\x11\xe0\x43\x90\xa8\x99")}           // draft-ietf-quic-tls-29 to 32
	saltMiddle = Params{Salt: salt("\xc3\xee\xf7\x12\xc7\x2e\xbb\x5a\x11\xa7\xd2\x43\x2b\xb4\x63\x65\xbe\xf9\xf5\x02")}           // draft-ietf-quic-tls-23 to 28
	saltEarly  = Params{Salt: salt("\x7f\xbc\xdb\x0e\x7c\x66\xbb\xe9\x19\x3a\x96\xcd\x21\x51\x9e\xbd\x7a\x02\x64\x4a")}           // draft-ietf-quic-tls-21 and 22
	saltQ050   = Params{Salt: salt("\x50\x45\x74\xef\xd0\x66\xfe\x2f\x9d\x94\x5c\xfc\xdb\xd3\xa7\xf0\xd3\xb5\x6b\x45")}           // Chromium, quic/core/crypto/crypto_utils.cc
	saltT050   = Params{Salt: salt("\x7f\xf5\x79\xe5\xac\xd0\x72\x91\x55\x80\x30\x4c\x43\xa2\x36\x7c\x60\x48\x83\x10")}           // same
	saltT051   = Params{Salt: salt("\x7a\x4e\xde\xf4\xe7\xcc\xee\x5f\xa4\x50\x6c\x19\x12\x4f\xc8\xcc\xda\x6e\x03\x3d")}           // same
)

func salt(s string) (b [20]byte) {
	copy(b[:], s)
	return b
}

// ParamsOf gives the parameters of a version; nil where none are known.
func ParamsOf(version uint32) *Params {
	switch {
	case version == 1, version == 0xff000021, version == 0xff000022:
		return &saltV1
	case version == 0x6b3343cf:
		return &saltV2
	case version == 0x709a50c4, version == 0xff020000:
		return &saltV2old
	case version >= 0xff00001d && version <= 0xff000020:
		return &saltDraft
	case version >= 0xff000017 && version <= 0xff00001c, version == 0xfaceb002:
		return &saltMiddle
	case version == 0xff000015, version == 0xff000016, version == 0xfaceb001:
		return &saltEarly
	case version == 0x51303530: // "Q050"
		return &saltQ050
	case version == 0x54303530: // "T050"
		return &saltT050
	case version == 0x54303531: // "T051"
		return &saltT051
	}
	return nil
}

// Candidates are the parameters worth trying for a version that is not known:
// private and experimental versions keep those of the draft they grew from.
var Candidates = [...]*Params{&saltV1, &saltV2, &saltDraft, &saltMiddle, &saltEarly}

// Keys protect one direction of Initial packets.
type Keys struct {
	key  aesKey
	hp   aesKey // header protection
	iv   [12]byte
	Done bool // the keys were derived
}

// Derive makes the keys of one direction from the connection identifier that
// the client's first packet is addressed to (RFC 9001, section 5.2).
func (k *Keys) Derive(p *Params, cid []byte, server bool) {
	secret := hmac(p.Salt[:], cid)
	side, key, iv, hp := "client in", "quic key", "quic iv", "quic hp"
	if server {
		side = "server in"
	}
	if p.V2 {
		key, iv, hp = "quicv2 key", "quicv2 iv", "quicv2 hp"
	}
	secret = expandLabel(secret[:], side, 32)
	k.key.derive(secret[:], key)
	k.hp.derive(secret[:], hp)
	v := expandLabel(secret[:], iv, 12)
	copy(k.iv[:], v[:])
	k.Done = true
}

func (k *aesKey) derive(secret []byte, label string) {
	b := expandLabel(secret, label, 16)
	k.expand((*[16]byte)(b[:16]))
}
