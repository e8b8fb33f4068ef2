package detect

import "netifyd/core/proto"

// RakNet (https://github.com/facebookarchive/RakNet): messages outside of a
// connection carry sixteen bytes that say so, at a place that the kind of the
// message tells; some games number their kinds anew.
var raknetCard = Protocol{ID: proto.RakNet, Over: UDP, Ports: []uint16{19132}, Limit: 3072, Inspect: inspectRakNet}

const rakOffline = "\x00\xff\xff\x00\xfe\xfe\xfe\xfe\xfd\xfd\xfd\xfd\x12\x34\x56\x78"

func inspectRakNet(in *Input, res *Result) Verdict {
	d := skipRobloxProxy(in.Newest())
	// Behind the kind, behind a time (ping), behind time and identity (pong).
	for _, at := range [...]int{1, 9, 17} {
		if len(d) >= at+len(rakOffline) && string(d[at:at+len(rakOffline)]) == rakOffline {
			if rest := d[at+len(rakOffline):]; at == 17 && isMinecraftMOTD(rest) {
				res.Protocol = proto.Minecraft
			}
			return Match
		}
	}
	return rakConnected(in, d)
}

// isMinecraftMOTD knows a Bedrock server by the text of its answer: a length, the edition, and a semicolon.
func isMinecraftMOTD(b []byte) bool {
	return len(b) > 6 && be16(b) == len(b)-2 && (string(b[2:6]) == "MCPE" || string(b[2:6]) == "MCEE")
}

// skipRobloxProxy gives what is behind the header of Roblox' relays: a
// version, the header's length, and fields of kind, length and value that fill it.
func skipRobloxProxy(d []byte) []byte {
	const fixed = 4
	if len(d) < fixed || d[0] != 1 || d[1] != 0 {
		return d
	}
	n := be16(d[2:])
	if n <= fixed || n > len(d) {
		return d
	}
	for at := fixed; at < n; {
		if at+2 > n || at+2+int(d[at+1]) > n {
			return d
		}
		at += 2 + int(d[at+1])
	}
	return d[n:]
}
