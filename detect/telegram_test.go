package detect

import (
	"crypto/aes"
	"crypto/cipher"
	"math/rand"
	"strings"
	"testing"

	"netifyd/core/proto"
)

// hidden makes the start of an obfuscated stream as the client does.
func hidden(seed int64, mark string, centre int16) string {
	rng := rand.New(rand.NewSource(seed))
	b := make([]byte, 64)
	rng.Read(b)
	b[0] = 'x'
	copy(b[56:], mark)
	b[60], b[61] = byte(centre), byte(uint16(centre)>>8)
	block, _ := aes.NewCipher(b[8:40])
	out := make([]byte, 64)
	cipher.NewCTR(block, b[40:56]).XORKeyStream(out, b)
	copy(b[56:], out[56:])
	return string(b)
}

func TestTelegramStreams(t *testing.T) {
	const id = proto.Telegram
	for seed := range int64(20) {
		mustMatch(t, id, id, TCP, 443, c(hidden(seed, "\xef\xef\xef\xef", 2)), s("x"))
		mustMatch(t, id, id, TCP, 443, c(hidden(seed, "\xdd\xdd\xdd\xdd", -4)))
		mustNot(t, id, TCP, 443, c(hidden(seed, "\xee\xee\xee\xef", 2)))
		mustNot(t, id, TCP, 443, c(hidden(seed, "\xee\xee\xee\xee", 2000)))
	}
	ask := strings.Repeat("00", 8) + "1122334455667788 14000000 f18e7ebe" + strings.Repeat("5a", 16)
	mustMatch(t, id, id, TCP, 443, cx("ef 0a"+ask))
	mustMatch(t, id, id, TCP, 80, cx("eeeeeeee 28000000"+ask))
	mustMatch(t, id, id, TCP, 80, cx("dddddddd 2b000000"+ask+"010203"))
	mustNot(t, id, TCP, 443, cx("ef 0b"+ask+strings.Repeat("00", 40)))
	mustNot(t, id, TCP, 443, c("SSH-2.0-x\r\n"), s("SSH-2.0-y\r\n"))
}

func TestTelegramReflectors(t *testing.T) {
	const id = proto.Telegram
	const tag = "dc4c00291565b7acbc236da9eda0d597"
	ones := strings.Repeat("ff", 12)
	mustMatch(t, id, id, UDP, 533, cx(tag+ones+"feffffff"+"0102030405060708"))
	mustMatch(t, id, id, UDP, 533, sx(tag+ones+strings.Repeat("17", 36)))
	mustNot(t, id, UDP, 533, cx(tag+ones+"fefffffe"+"0102030405060708"))
	mustNot(t, id, UDP, 533, cx(tag+"ff"+ones[2:22]+"fe"+"feffffff"+"0102030405060708"))
	mustNot(t, id, UDP, 533, cx(strings.Repeat("ff", 40)))
}
