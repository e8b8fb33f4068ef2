package detect

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"sync"
	"testing"
	"time"
)

// quicSalts are the salts by version, for the tests' own side of the protection.
var quicSalts = map[uint32]string{
	1:          "38762cf7f55934b34d179ae6a4c80cadccbb7f0a",
	0x6b3343cf: "0dede3def700a6db819381be6e269dcbf9bd2ed9",
	0xff000020: "afbfec289993d24c9e9786f19c6111e04390a899",
	0xff00001b: "c3eef712c72ebb5a11a7d2432bb46365bef9f502",
	0xff000016: "7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a",
	0xfaceb002: "c3eef712c72ebb5a11a7d2432bb46365bef9f502",
	0x51303530: "504574efd066fe2f9d945cfcdbd3a7f0d3b56b45",
	0x54303531: "7a4edef4e7ccee5fa4506c19124fc8ccda6e033d",
}

func quicExpand(t testing.TB, secret []byte, label string, n int) []byte {
	info := append([]byte{0, byte(n), byte(6 + len(label))}, "tls13 "+label+"\x00"...)
	b, err := hkdf.Expand(sha256.New, secret, string(info), n)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// initial is an Initial packet to be sealed.
type initial struct {
	version    uint32
	salt       string // of another version than its own
	origin     string // identifier that the keys come from; the packet's own where empty
	server     bool
	dcid, scid string
	token      string
	number     byte
	frames     []byte
	size       int // PADDING is added up to it
}

// seal protects the packet with the standard library (RFC 9001, section 5).
func (p initial) seal(t testing.TB) []byte {
	saltText := p.salt
	if saltText == "" {
		saltText = quicSalts[p.version]
	}
	salt, err := hex.DecodeString(saltText)
	if err != nil || len(salt) != 20 {
		t.Fatalf("no salt of %#x", p.version)
	}
	origin := p.origin
	if origin == "" {
		origin = p.dcid
	}
	secret, err := hkdf.Extract(sha256.New, []byte(origin), salt)
	if err != nil {
		t.Fatal(err)
	}
	side, labels := "client in", "quic "
	if p.server {
		side = "server in"
	}
	first := byte(0xc0)
	if p.version == 0x6b3343cf {
		labels, first = "quicv2 ", 0xd0
	}
	secret = quicExpand(t, secret, side, 32)
	block, _ := aes.NewCipher(quicExpand(t, secret, labels+"key", 16))
	gcm, _ := cipher.NewGCM(block)
	hp, _ := aes.NewCipher(quicExpand(t, secret, labels+"hp", 16))
	nonce := quicExpand(t, secret, labels+"iv", 12)
	nonce[11] ^= p.number

	b := binary.BigEndian.AppendUint32([]byte{first | 1}, p.version)
	b = append(append(b, byte(len(p.dcid))), p.dcid...)
	b = append(append(b, byte(len(p.scid))), p.scid...)
	b = append(append(b, byte(len(p.token))), p.token...)
	text := p.frames
	if n := p.size - len(b) - 4 - 16; n > len(text) {
		text = append(text[:len(text):len(text)], make([]byte, n-len(text))...)
	}
	b = binary.BigEndian.AppendUint16(b, uint16(2+len(text)+16)|0x4000)
	at := len(b)
	b = append(b, 0, p.number)
	b = gcm.Seal(b, nonce, text, b)
	var mask [16]byte
	hp.Encrypt(mask[:], b[at+4:at+20])
	b[0] ^= mask[0] & 0x0f
	b[at] ^= mask[1]
	b[at+1] ^= mask[2]
	return b
}

// cryptoFrame is a CRYPTO frame with the bytes of b from one place to another.
func cryptoFrame(b []byte, from, to int) []byte {
	f := binary.BigEndian.AppendUint16([]byte{6}, uint16(from)|0x4000)
	f = binary.BigEndian.AppendUint16(f, uint16(to-from)|0x4000)
	return append(f, b[from:to]...)
}

var testCertificate = sync.OnceValue(func() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{Country: []string{"XX"}, Organization: []string{"Example"}, CommonName: "www.example.com"},
		DNSNames:     []string{"www.example.com", "example.com"},
		NotBefore:    time.Unix(1700000000, 0), NotAfter: time.Unix(1800000000, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
})

// quicHellos are the hellos of a real client and server, as handshake messages.
// parameters are the client's transport parameters.
func quicHellos(t testing.TB, name, alpn string, parameters []byte) (client, server []byte) {
	c := tls.QUICClient(&tls.QUICConfig{TLSConfig: &tls.Config{ServerName: name, NextProtos: []string{alpn}, MinVersion: tls.VersionTLS13, InsecureSkipVerify: true}})
	s := tls.QUICServer(&tls.QUICConfig{TLSConfig: &tls.Config{NextProtos: []string{alpn}, MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{testCertificate()}}})
	defer c.Close()
	defer s.Close()
	first := func(q *tls.QUICConn) []byte {
		for {
			switch e := q.NextEvent(); {
			case e.Kind == tls.QUICWriteData && e.Level == tls.QUICEncryptionLevelInitial:
				return append([]byte(nil), e.Data...)
			case e.Kind == tls.QUICNoEvent:
				t.Fatal("no hello was written")
			}
		}
	}
	c.SetTransportParameters(parameters)
	s.SetTransportParameters(nil)
	if err := c.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	client = first(c)
	if err := s.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := s.HandleData(tls.QUICEncryptionLevelInitial, client); err != nil {
		t.Fatal(err)
	}
	return client, first(s)
}
