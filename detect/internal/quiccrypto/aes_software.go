//go:build !amd64 && !arm64

package quiccrypto

const hasAES = false

func encryptAES(*aesKey, *[16]byte, *[16]byte)  {}
func encryptAES4(*aesKey, *[64]byte, *[64]byte) {}
