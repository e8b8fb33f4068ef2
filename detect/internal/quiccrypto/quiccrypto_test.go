package quiccrypto

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"math/rand"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCipherIsThatOfTheStandardLibrary(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for range 2000 {
		var key, block, got, want [16]byte
		rng.Read(key[:])
		rng.Read(block[:])
		std, _ := aes.NewCipher(key[:])
		std.Encrypt(want[:], block[:])
		var k aesKey
		k.expand(&key)
		k.encrypt(&got, &block)
		if got != want {
			t.Fatalf("key %x, block %x: %x, want %x", key, block, got, want)
		}
		k.expandWords(&key)
		if k.encryptWords(&got, &block); got != want {
			t.Fatalf("in words, key %x, block %x: %x, want %x", key, block, got, want)
		}
	}
}

func TestOpenGCMIsThatOfTheStandardLibrary(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	dst := make([]byte, 2048)
	for n := range 300 {
		var key [16]byte
		var nonce [12]byte
		rng.Read(key[:])
		rng.Read(nonce[:])
		text, header := make([]byte, n*5), make([]byte, n%70)
		rng.Read(text)
		rng.Read(header)
		block, _ := aes.NewCipher(key[:])
		gcm, _ := cipher.NewGCM(block)
		sealed := gcm.Seal(nil, nonce[:], text, header)
		var k aesKey
		k.expand(&key)
		if decrypt(&k, &nonce, sealed[:len(text)], dst, 0); !genuine(&k, &nonce, header, sealed) || !bytes.Equal(dst[:len(text)], text) {
			t.Fatalf("%d bytes of text, %d of header: not opened", len(text), len(header))
		}
		sealed[rng.Intn(len(sealed))] ^= 1 << rng.Intn(8)
		if genuine(&k, &nonce, header, sealed) {
			t.Fatalf("%d bytes: opened with a bit turned", len(text))
		}
	}
}

// The keys of RFC 9001, appendix A.1, and RFC 9369, appendix A.1.
func TestKeys(t *testing.T) {
	cid := unhex(t, "8394c8f03e515708")
	for _, c := range []struct {
		version     uint32
		server      bool
		key, iv, hp string
	}{
		{1, false, "1f369613dd76d5467730efcbe3b1a22d", "fa044b2f42a3fd3b46fb255c", "9f50449e04a0e810283a1e9933adedd2"},
		{1, true, "cf3a5331653c364c88f0f379b6067e37", "0ac1493ca1905853b0bba03e", "c206b8d9b9f0f37644430b490eeaa314"},
		{0x6b3343cf, false, "8b1a0bc121284290a29e0971b5cd045d", "91f73e2351d8fa91660e909f", "45b95e15235d6f45a6b19cbcb0294ba9"},
		{0x6b3343cf, true, "82db637861d55e1d011f19ea71d5d2a7", "dd13c276499c0249d3310652", "edf6d05c83121201b436e16877593c3a"},
	} {
		var k Keys
		k.Derive(ParamsOf(c.version), cid, c.server)
		words := func(w []uint32) []byte {
			var b []byte
			for _, v := range w {
				if hasAES { // the words hold bytes
					v = bits.ReverseBytes32(v)
				}
				b = binary.BigEndian.AppendUint32(b, v)
			}
			return b
		}
		if got := hex.EncodeToString(words(k.key[:4])); got != c.key {
			t.Errorf("%#x, server %v: key %s, want %s", c.version, c.server, got, c.key)
		}
		if got := hex.EncodeToString(k.iv[:]); got != c.iv {
			t.Errorf("%#x, server %v: iv %s, want %s", c.version, c.server, got, c.iv)
		}
		if got := hex.EncodeToString(words(k.hp[:4])); got != c.hp {
			t.Errorf("%#x, server %v: hp %s, want %s", c.version, c.server, got, c.hp)
		}
	}
}

// serverInitial is the packet of RFC 9001, appendix A.3.
const serverInitial = "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a" +
	"5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3" +
	"dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84" +
	"022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc4" +
	"2158407dd074ee"

func TestOpenServerInitial(t *testing.T) {
	packet := unhex(t, serverInitial)
	var k Keys
	k.Derive(ParamsOf(1), unhex(t, "8394c8f03e515708"), true)
	scratch := make([]byte, len(packet))
	text, ok := k.Open(packet, 18, scratch, nil)
	if !ok {
		t.Fatal("not opened")
	}
	// ACK, then CRYPTO with a ServerHello.
	if want := unhex(t, "02000000000600405a020000560303eefce7f7b37ba1d163"); !bytes.HasPrefix(text, want) {
		t.Errorf("text begins %x, want %x", text[:len(want)], want)
	}
	for n := range packet {
		if _, ok := k.Open(packet[:n], 18, scratch, nil); ok {
			t.Errorf("%d bytes of it are opened", n)
		}
	}
	if _, ok := k.Open(packet, 18, scratch[:len(packet)-1], nil); ok {
		t.Error("opened into too little room")
	}
	if a := testing.AllocsPerRun(10, func() {
		k.Derive(ParamsOf(1), packet[6:14], true)
		k.Open(packet, 18, scratch, nil)
	}); a != 0 {
		t.Errorf("%v allocations", a)
	}
}

func TestParamsOf(t *testing.T) {
	for version, want := range map[uint32]*Params{
		1: &saltV1, 0xff000022: &saltV1, 0xff000021: &saltV1, 0xff000020: &saltDraft, 0xff00001d: &saltDraft,
		0xff00001c: &saltMiddle, 0xff000017: &saltMiddle, 0xff000016: &saltEarly, 0xfaceb002: &saltMiddle,
		0x51303530: &saltQ050, 0x54303530: &saltT050, 0x54303531: &saltT051, 0x6b3343cf: &saltV2, 0x0a0a0a0a: nil, 0: nil, 2: nil,
	} {
		if got := ParamsOf(version); got != want {
			t.Errorf("%#x has other parameters", version)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	packet := make([]byte, 1200)
	scratch := make([]byte, 1200)
	var k Keys
	k.Derive(ParamsOf(1), packet[:8], false)
	b.SetBytes(int64(len(packet)))
	b.ReportAllocs()
	for b.Loop() {
		k.Open(packet, 18, scratch, nil)
	}
}

func BenchmarkDerive(b *testing.B) {
	var k Keys
	b.ReportAllocs()
	for b.Loop() {
		k.Derive(ParamsOf(1), []byte("12345678"), false)
	}
}
