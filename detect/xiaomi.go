package detect

import "netifyd/core/proto"

// Xiaomi: the push service of its phones (TCP 5222; mark 0xc2fe, version 5,
// length of the body (4), body, checksum (4)), and miIO, by which its home
// devices are driven (UDP 54321; mark 0x2131, length of the datagram (2), four
// bytes of zero or ones, device (4), time (4), MD5 (16)), after open clients.
func init() {
	register(Protocol{ID: proto.Xiaomi, Over: TCP | UDP, Ports: []uint16{54321, 5222}, Limit: 64, Inspect: inspectXiaomi})
}

func inspectXiaomi(in *Input, _ *Result) Verdict {
	if in.Over == UDP {
		return miioDatagram(in.Newest())
	}
	return eitherWay(in, xiaomiPush)
}

func xiaomiPush(b []byte) Verdict {
	if v := begins(b, "\xc2\xfe\x00\x05\x00"); v != Match {
		return v
	}
	if len(b) < 8 {
		return NeedMore
	}
	return Match
}

func miioDatagram(d []byte) Verdict {
	const header = 32
	if len(d) < header || begins(d, "\x21\x31") != Match || be16(d[2:]) != len(d) || (len(d)-header)%16 != 0 {
		return No
	}
	if w := be32(d[4:]); w != 0 && w != 0xffffffff {
		return No
	}
	return Match
}
