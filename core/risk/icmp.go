package risk

import "math/bits"

const (
	icmpEcho, icmpReply   = 8, 0
	icmp6Echo, icmp6Reply = 128, 129
	icmpHeader            = 8
)

// hasWrongSum checks the sum over a whole message, with addresses, length and
// protocol in front of it in IPv6 (RFC 8200, section 8.1). No card computes it
// for the sender.
func hasWrongSum(in *Input) bool {
	if !in.Whole || len(in.Payload) < icmpHeader || in.Src == nil || in.Fragmented {
		return false
	}
	sum := add(0, in.Payload)
	if in.V6 {
		sum = add(add(sum, in.Src[:]), in.Dst[:]) + uint32(len(in.Payload)) + 58
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return sum != 0xffff
}

func add(sum uint32, b []byte) uint32 {
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	return sum
}

// isCoded says that an echo carries bytes that are spread as evenly as those of
// a cipher: half of all bits are set, and no byte is as common as in a pattern.
func isCoded(in *Input) bool {
	const least = 256
	b := in.Payload
	if len(b) < icmpHeader+least {
		return false
	}
	if t := b[0]; !in.V6 && t != icmpEcho && t != icmpReply || in.V6 && t != icmp6Echo && t != icmp6Reply {
		return false
	}
	b = b[len(b)-least:] // a time may stand in front
	var count [256]uint8
	ones, pairs := 0, 0
	for i, c := range b {
		ones += bits.OnesCount8(c)
		if count[c] < 255 {
			count[c]++
		}
		if i > 0 && (b[i]-b[i-1] == 1 || b[i] == b[i-1]) {
			pairs++
		}
	}
	most, kinds := uint8(0), 0
	for _, n := range count {
		most = max(most, n)
		if n > 0 {
			kinds++
		}
	}
	return ones > 896 && ones < 1152 && pairs < 16 && most < 10 && kinds > 130 && kinds < 190
}
