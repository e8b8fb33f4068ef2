package packet

const (
	pflogMinLen = 48 // of any system: length, address family, action, reason, interface, …
	pflogIPv4   = 2  // address family; those of IPv6 differ
)

// pflog reads a record of pf's log. The header differs from system to system
// (61, 69 or 100 bytes); its first byte is its length without what fills it up
// to words of four bytes, or of eight.
func (d *Decoder) pflog(b []byte, n int, v *View) Verdict {
	if len(b) < pflogMinLen {
		return Malformed
	}
	version, size := byte(6), int(b[0])
	if b[1] == pflogIPv4 {
		version = 4
	}
	if size < pflogMinLen {
		return NotIP
	}
	for _, word := range [...]int{4, 8} {
		at := (size + word - 1) &^ (word - 1)
		if at < len(b) && b[at]>>4 == version {
			return d.raw(b[at:], n-at, v)
		}
	}
	return NotIP
}
