package tlsmsg

import "netifyd/core/wire"

// Leaf is the first certificate of a Certificate message up to TLS 1.2
// (RFC 5246, section 7.4.2): as much of it as there is. ok is false where it
// holds none.
func Leaf(m Message) (der []byte, whole, ok bool) {
	c := wire.New(m.Body)
	c.Skip(3) // length of the list
	n := int(c.U24())
	if !c.Ok() || n == 0 {
		return nil, false, false
	}
	rest := c.Rest()
	if n <= len(rest) {
		return rest[:n], true, true
	}
	return rest, false, len(rest) > 0
}
