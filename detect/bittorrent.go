package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

var bittorrentCard = Protocol{ID: proto.BitTorrent, Over: TCP, Ports: []uint16{6881, 51413}, Limit: 256, Inspect: inspectBitTorrent}

// A dictionary, a local search, a tracker's connect, the five kinds of µTP.
var bittorrentUDPCard = Protocol{ID: proto.BitTorrent, Over: UDP, Ports: []uint16{6881, 51413, 6771}, First: "dB\x00\x01\x11\x21\x31\x41", Limit: 4096, Inspect: inspectBitTorrentUDP}

// The heuristic tier's card waits for the handshake behind an obfuscated start.
var bittorrentHiddenCard = Protocol{ID: proto.BitTorrent, Over: TCP, Limit: 2048, Tier: Heuristic, Inspect: inspectBitTorrentHidden}

// The heuristic tier's card for a connection that was joined midway reads whole messages.
var bittorrentMidwayCard = Protocol{ID: proto.BitTorrent, Over: TCP, Limit: 512, Tier: Heuristic, Inspect: inspectBitTorrentMidway}

const btHandshake = "\x13BitTorrent protocol"

// inspectBitTorrent recognises the peer handshake (BEP 3): name, 8 reserved
// bytes, info hash, peer identifier.
func inspectBitTorrent(in *Input, res *Result) Verdict {
	toServer, toClient := begins(in.ToServer, btHandshake), begins(in.ToClient, btHandshake)
	if toServer == No || toClient == No && toServer != Match {
		return No
	}
	if toServer != Match && toClient != Match {
		return NeedMore
	}
	done := btPeer(in.ToServer, res)
	if !done {
		done = btPeer(in.ToClient, res)
	}
	res.More = !done
	return Match
}

// btPeer puts what a handshake tells. done: it was complete.
func btPeer(b []byte, res *Result) (done bool) {
	const hash, peer, end = 28, 48, 68
	if begins(b, btHandshake) != Match || len(b) < peer {
		return false
	}
	res.Put(attr.BTInfoHash, b[hash:peer])
	if len(b) < end {
		return false
	}
	if id := b[peer:end]; id[0] == '-' && id[7] == '-' && isText(id[:8]) {
		res.Put(attr.BTClient, id[1:7]) // BEP 20: two letters, four digits of version
	}
	return true
}

// inspectBitTorrentHidden finds the handshake in the clear behind the key
// exchange of message stream encryption
// (https://wiki.vuze.com/w/Message_Stream_Encryption): 96 bytes of key and up
// to 512 of padding each way, all of it noise, then a few fields.
func inspectBitTorrentHidden(in *Input, res *Result) Verdict {
	const key, padding, fields = 96, 512, 600
	for _, b := range [2][]byte{in.ToServer, in.ToClient} {
		if len(b) < key {
			if len(b) > 8 && isText(b) {
				return No
			}
			continue
		}
		window := b[:min(len(b), key+padding+fields+len(btHandshake))]
		if rest := following(window[key:], btHandshake); rest != nil {
			res.More = !btPeer(b[len(window)-len(rest)-len(btHandshake):], res)
			return Match
		}
		if len(window) < len(b) {
			return No
		}
	}
	return NeedMore
}

// inspectBitTorrentUDP recognises the distributed table (BEP 5), µTP (BEP 29),
// trackers (BEP 15) and the search for local peers (BEP 14).
func inspectBitTorrentUDP(in *Input, res *Result) Verdict {
	d := in.Newest()
	switch {
	case len(d) < 16:
		return No
	case btDHT(d, res), btLocal(d, res):
		return Match
	case btTracker(in, d, res):
		return Match
	}
	return btUTP(in, d, res)
}

// btTracker reads BEP 15. A connect request begins with a fixed number of 64
// bits; the announce that follows it, of 98 bytes at least, has the info hash.
func btTracker(in *Input, d []byte, res *Result) bool {
	const connect, announce = 0, 1
	for b, fromServer, at := in.Datagram(0); b != nil; b, fromServer, at = in.Datagram(at) {
		if fromServer || len(b) < 16 || be32(b) != 0x417 || be32(b[4:]) != 0x27101980 || be32(b[8:]) != connect {
			continue
		}
		res.More = true
		if !in.FromServer && len(d) >= 98 && be32(d[8:]) == announce {
			res.Put(attr.BTInfoHash, d[16:36])
			res.More = false
		}
		return true
	}
	return false
}

// btLocal reads the announcements of local peers (BEP 14).
func btLocal(d []byte, res *Result) bool {
	if begins(d, "BT-SEARCH * HTTP/1.1\r\n") != Match {
		return false
	}
	if h := header(d, "INFOHASH"); len(h) == 40 {
		var hash [20]byte
		for i := range hash {
			hi, lo := hexDigit(h[2*i]), hexDigit(h[2*i+1])
			if hi < 0 || lo < 0 {
				return true
			}
			hash[i] = byte(hi<<4 | lo)
		}
		res.Put(attr.BTInfoHash, hash[:])
	}
	return true
}
