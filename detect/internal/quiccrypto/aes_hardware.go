//go:build amd64 || arm64

package quiccrypto

import "golang.org/x/sys/cpu"

// hasAES says that the processor enciphers a block by itself.
var hasAES = cpu.X86.HasAES || cpu.ARM64.HasAES

// encryptAES enciphers one block; k holds bytes.
//
//go:noescape
func encryptAES(k *aesKey, dst, src *[16]byte)

// encryptAES4 enciphers four.
//
//go:noescape
func encryptAES4(k *aesKey, dst, src *[64]byte)
