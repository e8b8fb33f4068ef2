package quiccrypto

import "crypto/sha256"

// maxMessage bounds what hmac takes: a label with its lengths, or a connection identifier.
const maxMessage = 64

// hmac is HMAC-SHA-256 (RFC 2104) of a key of at most 64 bytes.
func hmac(key, message []byte) [32]byte {
	var inner [64 + maxMessage]byte
	var outer [64 + 32]byte
	copy(inner[:], key)
	copy(outer[:], key)
	for i := range 64 {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	n := copy(inner[64:], message)
	sum := sha256.Sum256(inner[:64+n])
	copy(outer[64:], sum[:])
	return sha256.Sum256(outer[:])
}

// expandLabel is HKDF-Expand-Label with an empty context (RFC 8446, section
// 7.1), for at most 32 bytes.
func expandLabel(secret []byte, label string, length int) [32]byte {
	const prefix = "tls13 "
	var info [maxMessage]byte
	info[1] = byte(length)
	info[2] = byte(len(prefix) + len(label))
	n := 3 + copy(info[3:], prefix)
	n += copy(info[n:], label)
	n++         // length of the context: 0
	info[n] = 1 // number of the block (RFC 5869, section 2.3)
	return hmac(secret, info[:n+1])
}
