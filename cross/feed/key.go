package feed

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Key signs indexes. Its files are those of usign and signify: a line of
// comment, and a line of base64.
type Key struct {
	Number  [8]byte // names the key; its hex form is the file name in /etc/opkg/keys
	private ed25519.PrivateKey
}

const comment = "untrusted comment: "

// NewKey makes a key.
func NewKey() (*Key, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	k := &Key{private: private}
	_, err = rand.Read(k.Number[:])
	return k, err
}

// Fingerprint is the name of the public key in /etc/opkg/keys.
func (k *Key) Fingerprint() string { return fmt.Sprintf("%x", k.Number) }

// Secret is the text of the secret key file, not encrypted: "Ed", "BK",
// rounds of the key derivation (none), salt, checksum of the key, number, key.
func (k *Key) Secret() []byte {
	sum := sha512.Sum512(k.private)
	b := append([]byte("EdBK"), make([]byte, 4+16)...)
	b = append(append(append(b, sum[:8]...), k.Number[:]...), k.private...)
	return lines("secret key "+k.Fingerprint(), b)
}

// Public is the text of the public key file.
func (k *Key) Public() []byte {
	b := append([]byte("Ed"), k.Number[:]...)
	return lines("public key "+k.Fingerprint(), append(b, k.private.Public().(ed25519.PublicKey)...))
}

// Sign returns the text of the signature file.
func (k *Key) Sign(message []byte) []byte {
	b := append([]byte("Ed"), k.Number[:]...)
	return lines("signed by key "+k.Fingerprint(), append(b, ed25519.Sign(k.private, message)...))
}

func lines(text string, b []byte) []byte {
	return []byte(comment + text + "\n" + base64.StdEncoding.EncodeToString(b) + "\n")
}

// Offsets in a secret key file.
const (
	secretRounds   = 4
	secretChecksum = 24
	secretNumber   = 32
	secretKey      = 40
	secretBytes    = secretKey + ed25519.PrivateKeySize
)

// ParseKey reads a secret key file that is not encrypted.
func ParseKey(text []byte) (*Key, error) {
	first, rest, _ := strings.Cut(string(text), "\n")
	if !strings.HasPrefix(first, comment) {
		return nil, errors.New("not a key of usign or signify: its first line is no untrusted comment")
	}
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
	if err != nil || len(b) != secretBytes || string(b[:4]) != "EdBK" {
		return nil, errors.New("not a secret key of usign or signify")
	}
	if !bytes.Equal(b[secretRounds:secretRounds+4], make([]byte, 4)) {
		return nil, errors.New("the key is encrypted: make one with signify -G -n")
	}
	sum := sha512.Sum512(b[secretKey:])
	if !bytes.Equal(sum[:8], b[secretChecksum:secretNumber]) {
		return nil, errors.New("the key is damaged: its checksum is wrong")
	}
	k := &Key{private: b[secretKey:]}
	copy(k.Number[:], b[secretNumber:])
	return k, nil
}
