//go:build !amd64 && !arm64

package quiccrypto

const hasAES = false

func encryptAES(*aesKey, *[64]byte, *[64]byte) {}
