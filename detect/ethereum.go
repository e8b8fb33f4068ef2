package detect

import "netifyd/core/proto"

// Ethereum's node discovery (https://github.com/ethereum/devp2p/blob/master/discv4.md):
// a hash, a signature whose last byte is 0 or 1, a kind, and a list in RLP that
// fills the datagram.
var ethereumCard = Protocol{ID: proto.Ethereum, Over: UDP, Ports: []uint16{30303, 30301}, Inspect: inspectEthereum}

const (
	discPing = 1 + iota
	discPong
	discFindNode
	discNeighbors
	discENRRequest
	discENRResponse
)

func inspectEthereum(in *Input, _ *Result) Verdict {
	const recovery, kind, list = 96, 97, 98
	d := in.Newest()
	if len(d) <= list || len(d) > 1280 || d[recovery] > 1 || d[kind] < discPing || d[kind] > discENRResponse {
		return No
	}
	items, _, isList, ok := rlpItem(d[list:])
	if !ok || !isList {
		return No
	}
	var size [6]int
	var lists uint // a bit for each item that is a list
	n := 0
	for len(items) > 0 && n < len(size) {
		value, rest, inner, ok := rlpItem(items)
		if !ok {
			return No
		}
		if inner {
			lists |= 1 << n
		}
		size[n], items = len(value), rest
		n++
	}
	const expiration = 4 // seconds since 1970, until 2106
	switch d[kind] {
	case discPing: // version, from, to, expiration
		ok = n >= 4 && lists&0xf == 6 && size[0] == 1 && size[1] >= 5 && size[2] >= 5 && size[3] == expiration
	case discPong: // to, the ping's hash, expiration
		ok = n >= 3 && lists&7 == 1 && size[0] >= 5 && size[1] == 32 && size[2] == expiration
	case discFindNode: // a key, expiration
		ok = n >= 2 && lists&3 == 0 && size[0] == 64 && size[1] == expiration
	case discNeighbors: // nodes, expiration
		ok = n >= 2 && lists&3 == 1 && size[0] >= 70 && size[1] == expiration
	case discENRRequest: // expiration
		ok = n >= 1 && lists == 0 && size[0] == expiration && len(d) <= list+16
	case discENRResponse: // the request's hash, a record
		ok = n == 2 && lists == 2 && size[0] == 32 && size[1] >= 64
	}
	if !ok || d[kind] == discENRRequest && d[list] != 0xc5 {
		return No
	}
	return Match
}

// rlpItem takes the first item of b: its value, what follows it, and whether it is a list
// (https://ethereum.org/en/developers/docs/data-structures-and-encoding/rlp).
func rlpItem(b []byte) (value, rest []byte, list, ok bool) {
	if len(b) == 0 {
		return nil, nil, false, false
	}
	c := int(b[0])
	if c < 0x80 {
		return b[:1], b[1:], false, true
	}
	list = c >= 0xc0
	if list {
		c -= 0x40
	}
	n, at := c-0x80, 1
	if n > 55 { // the length's length; two bytes suffice for a datagram
		size := n - 55
		if size > 2 || len(b) < 1+size {
			return nil, nil, false, false
		}
		n, at = int(b[1]), 1+size
		if size == 2 {
			n = be16(b[1:])
		}
	}
	if len(b) < at+n {
		return nil, nil, false, false
	}
	return b[at : at+n], b[at+n:], list, true
}
