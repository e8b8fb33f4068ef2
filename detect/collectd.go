package detect

import "netifyd/core/proto"

var collectdCard = Protocol{ID: proto.Collectd, Over: UDP, Ports: []uint16{25826}, First: "\x00\x01\x02", Inspect: inspectCollectd}

// inspectCollectd recognises the binary protocol
// (https://collectd.org/wiki/index.php/Binary_protocol): parts of type and
// length that fill the datagram, strings that end in zero, numbers of eight
// bytes, values whose count fits. The first host is the one that measured.
// Where the datagram begins as collectd's own writer begins it, with the host,
// the time and the interval, these prove it, and what follows may be damaged.
func inspectCollectd(in *Input, res *Result) Verdict {
	const values, message, signature, encryption = 0x0006, 0x0100, 0x0200, 0x0210
	parts, host := 0, []byte(nil)
	d := in.Newest()
	damaged := func() Verdict {
		if parts < 3 || !collectdOpening(d) {
			return No
		}
		putHost(res, host)
		res.Partial = true
		return Match
	}
	for b := d; len(b) > 0; parts++ {
		if len(b) < 4 {
			return damaged()
		}
		kind, n := be16(b), be16(b[2:])
		if n < 5 || n > len(b) {
			return damaged()
		}
		body := b[4:n]
		switch kind {
		case 0, 2, 3, 4, 5, message: // host, plugin, its instance, type, its instance
			if body[len(body)-1] != 0 || !isText(body[:len(body)-1]) {
				return damaged()
			}
			if kind == 0 && host == nil {
				host = body[:len(body)-1]
			}
		case 1, 7, 8, 9, 0x0101: // time, interval, severity
			if len(body) != 8 {
				return damaged()
			}
		case values:
			if len(body) < 11 || len(body) != 2+9*be16(body) {
				return damaged()
			}
		case signature:
			if len(body) < 33 {
				return damaged()
			}
		case encryption: // length of the user's name, name, vector, hash
			if parts != 0 || n != len(d) || len(body) < 2+16+20 || be16(body) == 0 || be16(body) > 64 || !isText(body[2:2+min(be16(body), len(body)-2)]) {
				return No
			}
			return Match
		default:
			return damaged()
		}
		b = b[n:]
	}
	if parts < 3 {
		return No
	}
	putHost(res, host)
	return Match
}

// collectdOpening says that a datagram begins with the host, the time and the
// interval, of one kind: either whole seconds or the later ones of 2^-30.
func collectdOpening(d []byte) bool {
	const number = 12 // type, length, eight bytes
	at := be16(d[2:])
	if be16(d) != 0 || at+2*number > len(d) {
		return false
	}
	time, interval := d[at:], d[at+number:]
	kinds := be16(time)<<16 | be16(interval)
	return (kinds == 1<<16|7 || kinds == 8<<16|9) && be16(time[2:]) == number && be16(interval[2:]) == number
}
