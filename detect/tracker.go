package detect

import (
	"bytes"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

// refineTracker knows what clients of BitTorrent ask a tracker over HTTP (BEP 3,
// "trackers"; BEP 48): the 20 bytes of a torrent's hash, escaped, among the
// parameters of a GET.
func refineTracker(h *httpHead) (proto.ID, bool) {
	var hash [20]byte
	return proto.BitTorrent, string(h.method) == "GET" && unescape(parameter(h.target, "info_hash="), hash[:]) == len(hash)
}

// putTracker puts the hash and the client's program.
func putTracker(h *httpHead, res *Result) {
	b := res.Scratch[:20]
	if unescape(parameter(h.target, "info_hash="), b) == len(b) {
		res.Put(attr.BTInfoHash, b)
	}
	if unescape(parameter(h.target, "peer_id="), b) == len(b) && b[0] == '-' && b[7] == '-' && isText(b[:8]) {
		res.Put(attr.BTClient, b[1:7]) // BEP 20
	}
}

// parameter is the value of the first parameter of a target that is called so; nil: there is none.
func parameter(target []byte, name string) []byte {
	at := bytes.IndexByte(target, '?')
	for at >= 0 {
		target = target[at+1:]
		if begins(target, name) == Match {
			value, _, _ := bytes.Cut(target[len(name):], []byte{'&'})
			return value
		}
		at = bytes.IndexByte(target, '&')
	}
	return nil
}

// unescape fills to with the bytes that a value stands for (RFC 3986, section
// 2.1) and gives their number; -1: they do not fit, or an escape is wrong.
func unescape(value, to []byte) int {
	n := 0
	for i := 0; i < len(value); i++ {
		if n == len(to) {
			return -1
		}
		c := value[i]
		if c == '%' {
			if i+2 >= len(value) || hexDigit(value[i+1]) < 0 || hexDigit(value[i+2]) < 0 {
				return -1
			}
			c = byte(hexDigit(value[i+1])<<4 | hexDigit(value[i+2]))
			i += 2
		}
		to[n] = c
		n++
	}
	return n
}
