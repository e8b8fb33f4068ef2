package detect

import (
	"bytes"

	"netifyd/core/attr"
)

// brokenCiphers are those of SSH that are not to be used any more (RFC 8758 for
// RC4; DES and ciphers with blocks of 64 bits, https://sweet32.info; RFC 4253, section 6.3, for none).
var brokenCiphers = []string{"arcfour", "arcfour128", "arcfour256", "3des-cbc", "3des-ctr", "des-cbc", "blowfish-cbc", "cast128-cbc", "idea-cbc", "none"}

// sshFacts judges what the client wants first of all, and what both agree on:
// the first of its list that the server has too (RFC 4253, section 7.1). nil: not seen.
func sshFacts(wanted, offered []byte) (facts attr.Facts) {
	first, _, _ := bytes.Cut(wanted, comma)
	if isBroken(first) {
		facts |= attr.WeakClientSSH
	}
	if len(offered) == 0 {
		return facts
	}
	for list := wanted; len(list) > 0; {
		var cipher []byte
		cipher, list, _ = bytes.Cut(list, comma)
		if inList(offered, cipher) {
			if isBroken(cipher) {
				facts |= attr.WeakServerSSH
			}
			break
		}
	}
	return facts
}

var comma = []byte(",")

func isBroken(cipher []byte) bool {
	for _, c := range brokenCiphers {
		if string(cipher) == c {
			return true
		}
	}
	return false
}

func inList(list, want []byte) bool {
	for len(list) > 0 {
		var name []byte
		if name, list, _ = bytes.Cut(list, comma); bytes.Equal(name, want) {
			return true
		}
	}
	return false
}
