package detect

import "netifyd/core/proto"

var steamCard = Protocol{ID: proto.Steam, Over: TCP | UDP, Ports: []uint16{27017, 27018, 27019, 27036}, First: "V\xff", Limit: 64, Inspect: inspectSteam}

var steamSDRCard = Protocol{ID: proto.SteamDatagramRelay, Over: UDP, First: "\x01", Limit: 1024, Inspect: inspectSDR}

// inspectSteam recognises the client's connections to Valve's connection
// managers, by TCP with a length and "VT01", by UDP with "VS01" and a length
// (https://github.com/SteamRE/SteamKit, class Connection), and how clients on
// one network find each other for streaming: a constant and a length of a protobuf head.
func inspectSteam(in *Input, _ *Result) Verdict {
	if in.Over == TCP {
		return eitherWay(in, steamManager)
	}
	const discovery, manager = connectionless + "\x21\x4c\x5f\xa0", 36
	d := in.Newest()
	switch {
	case len(d) > 12 && string(d[:8]) == discovery && le32(d[8:]) <= uint32(len(d)-12) && d[12] == 0x08,
		len(d) >= manager && string(d[:4]) == "VS01" && le16(d[4:]) == len(d)-manager && d[6] >= 1 && d[6] <= 7:
		return Match
	}
	return No
}

func steamManager(b []byte) Verdict {
	const longest = 1 << 20
	if len(b) < 4 {
		return NeedMore
	}
	if n := le32(b); n == 0 || n > longest {
		return No
	}
	return begins(b[4:], "VT01")
}

// inspectSDR recognises the ping of Steam Datagram Relay, which Valve's
// networks and clients measure their distance with: 0x01, a kind, "sdping".
func inspectSDR(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if len(d) < 16 || d[0] != 1 || string(d[2:8]) != "sdping" {
		return No
	}
	return Match
}
