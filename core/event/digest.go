package event

import (
	"crypto/sha1"

	"netifyd/core/flow"
)

// maxTag is how many bytes of an interface's tag enter a digest.
const maxTag = 256

var broadcast4 = [16]byte{255, 255, 255, 255}

// Digest names a flow, the same across runs: SHA-1 over the interface's tag
// (of which the first 256 bytes count), IP version, IP protocol, lower and
// upper address (4 or 16 bytes), lower and upper port (network order). Between
// 0.0.0.0 and 255.255.255.255 the lower side's hardware address follows the
// addresses, so that DHCP clients differ.
func Digest(tag string, rec *flow.Record) [20]byte {
	var room [maxTag + 64]byte
	if len(tag) > maxTag {
		tag = tag[:maxTag]
	}
	b := append(room[:0], tag...)
	b = append(b, rec.Version, rec.Protocol)
	n := 4
	if rec.Version == 6 {
		n = 16
	}
	b = append(b, rec.Addr[flow.Lower][:n]...)
	b = append(b, rec.Addr[flow.Upper][:n]...)
	if rec.Version == 4 && rec.Addr[flow.Lower] == [16]byte{} && rec.Addr[flow.Upper] == broadcast4 {
		b = append(b, rec.MAC[flow.Lower][:]...)
	}
	for _, p := range rec.Port {
		b = append(b, byte(p>>8), byte(p))
	}
	return sha1.Sum(b)
}
