package detect

import "netifyd/core/proto"

// Bitcoin and the coins that took over its network protocol
// (https://en.bitcoin.it/wiki/Protocol_documentation): a magic number for the
// network, a command of twelve bytes padded with zeros, a length and a
// checksum. A stranger's magic number is believed with the command "version".
var bitcoinCard = Protocol{ID: proto.Bitcoin, Over: TCP, Ports: []uint16{8333, 18333}, Limit: 64, Inspect: inspectBitcoin}

func inspectBitcoin(in *Input, _ *Result) Verdict { return eitherWay(in, bitcoinMessage) }

func bitcoinMessage(b []byte) Verdict {
	const header, longest = 24, 32 << 20
	if len(b) < 5 {
		return NeedMore
	}
	name := b[4:min(len(b), 16)]
	ours := isBitcoinMagic(be32(b))
	if !ours {
		if v := begins(name, "version\x00\x00\x00\x00\x00"); v != Match {
			return v
		}
	}
	n := 0
	for n < len(name) && (name[n] >= 'a' && name[n] <= 'z' || name[n] >= '0' && name[n] <= '9') {
		n++
	}
	if n < 3 && n < len(name) || !isZero(name[n:]) {
		return No
	}
	if len(b) < header {
		return NeedMore
	}
	if le32(b[16:]) > longest {
		return No
	}
	return Match
}

// isBitcoinMagic knows the networks: main, testnet 3 and 4, regtest, signet,
// and of other coins Bitcoin Cash, Litecoin, Dogecoin, Dash, Zcash.
func isBitcoinMagic(n uint32) bool {
	switch n {
	case 0xf9beb4d9, 0x0b110907, 0x1c163f28, 0xfabfb5da, 0x0a03cf40, 0xe3e1f3e8, 0xfbc0b6db, 0xc0c0c0c0, 0xbf0c6bbd, 0x24e92764:
		return true
	}
	return false
}
