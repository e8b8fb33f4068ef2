package pcapfile

import (
	"fmt"
	"math"
	"math/bits"

	"netifyd/core"
)

// Interface description block and its options (draft-ietf-opsawg-pcapng-03,
// section 4.2).
const (
	describeHead  = 8
	optionHead    = 4
	optionEnd     = 0
	optionTSResol = 9
	optionTSOff   = 14
	binaryResol   = 0x80 // the resolution is a power of two, not of ten
	defaultResol  = 6
	maxTen        = 19 // 10^19 is the largest power of ten in 64 bits
)

// iface is what the packets of an interface need.
type iface struct {
	link   core.LinkType
	snap   uint32
	resol  uint8
	offset int64 // seconds to add
}

// describe reads an interface description block.
func (g *ng) describe(b []byte) error {
	if len(b) < describeHead {
		return fmt.Errorf("interface description of %d bytes: %w", len(b), ErrFormat)
	}
	if len(g.interfaces) == maxInterfaces {
		return fmt.Errorf("more than %d interfaces in a section: %w", maxInterfaces, ErrFormat)
	}
	i := iface{link: core.LinkType(g.order.Uint16(b)), snap: g.order.Uint32(b[4:]), resol: defaultResol}
	b = b[describeHead:]
	for len(b) >= optionHead {
		code, length := g.order.Uint16(b), int(g.order.Uint16(b[2:]))
		if code == optionEnd || length > len(b)-optionHead {
			break
		}
		value := b[optionHead : optionHead+length]
		switch {
		case code == optionTSResol && length >= 1:
			i.resol = value[0]
		case code == optionTSOff && length >= 8:
			i.offset = int64(g.order.Uint64(value))
		}
		b = b[min(len(b), optionHead+(length+3)&^3):]
	}
	g.interfaces = append(g.interfaces, i)
	return nil
}

// time is the time of stamp in nanoseconds since 1970, held inside what an
// int64 can say.
func (i *iface) time(stamp uint64) int64 {
	var seconds, nanos uint64
	if i.resol&binaryResol != 0 {
		seconds, nanos = binaryTime(stamp, uint(i.resol&^binaryResol))
	} else {
		seconds, nanos = decimalTime(stamp, int(i.resol))
	}
	const most = math.MaxInt64/1_000_000_000 - 1
	whole := int64(min(seconds, uint64(most))) + min(max(i.offset, -most), most)
	if whole > most {
		return math.MaxInt64
	}
	return max(0, whole*1_000_000_000+int64(nanos))
}

// binaryTime splits a count of 2^-bits seconds.
func binaryTime(stamp uint64, n uint) (seconds, nanos uint64) {
	if n >= 64 {
		return 0, 0
	}
	hi, lo := bits.Mul64(stamp&(1<<n-1), 1e9)
	if n == 0 {
		return stamp, 0
	}
	return stamp >> n, hi<<(64-n) | lo>>n
}

// decimalTime splits a count of 10^-digits seconds.
func decimalTime(stamp uint64, digits int) (seconds, nanos uint64) {
	if digits > maxTen {
		return 0, 0
	}
	unit := uint64(1)
	for range digits {
		unit *= 10
	}
	hi, lo := bits.Mul64(stamp%unit, 1e9)
	nanos, _ = bits.Div64(hi, lo, unit)
	return stamp / unit, nanos
}
