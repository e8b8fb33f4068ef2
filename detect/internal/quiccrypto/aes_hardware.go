//go:build amd64 || arm64

package quiccrypto

import "golang.org/x/sys/cpu"

// hasAES says that the processor enciphers a block by itself.
var hasAES = cpu.X86.HasAES || cpu.ARM64.HasAES

// encryptAES enciphers four blocks; k holds bytes.
//
//go:noescape
func encryptAES(k *aesKey, dst, src *[64]byte)
