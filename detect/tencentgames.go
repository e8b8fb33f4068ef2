package detect

import "netifyd/core/proto"

// Games of Tencent's studios connect through its own gateways; this is what
// their traffic shows: heads with a magic number, a command and lengths.
var tencentgamesCard = Protocol{ID: proto.TencentGames, Over: TCP, Limit: 1024, Inspect: inspectTencentGames}

func inspectTencentGames(in *Input, _ *Result) Verdict {
	if len(in.ToServer) == 0 {
		if len(in.ToClient) == 0 {
			return NeedMore
		}
		return No
	}
	switch in.ToServer[0] {
	case 0x33:
		return tencentGate(in)
	case 0x42:
		return tencentLobby(in)
	case 0x43:
		return tencentQueue(in)
	}
	return No
}

// tencentGate: a magic number, a version, then command 0x1001 to the server and 0x1002 back.
func tencentGate(in *Input) Verdict {
	const magic = "\x33\x66\x00\x0b\x00"
	c, s := tencentCommand(in.ToServer, magic, 6, 0x1001), tencentCommand(in.ToClient, magic, 6, 0x1002)
	return min(c, s)
}

// tencentLobby: a magic number, then command 1001 to the server and 1002 back.
func tencentLobby(in *Input) Verdict {
	const magic = "\x42\x15\xf7\x87"
	return min(tencentCommand(in.ToServer, magic, 4, 1001), tencentCommand(in.ToClient, magic, 4, 1002))
}

func tencentCommand(b []byte, magic string, at int, command int) Verdict {
	if v := begins(b, magic); v != Match {
		return v
	}
	if len(b) < at+2 {
		return NeedMore
	}
	if be16(b[at:]) != command {
		return No
	}
	return Match
}

// tencentQueue: two bytes to the server, then each way a length, kind 0x15,
// the length of a head, and the same five bytes.
func tencentQueue(in *Input) Verdict {
	v := begins(in.ToServer, "\x43\x66\xaa\x00")
	if v != Match {
		return v
	}
	return min(tencentFrame(in.ToServer[2:]), tencentFrame(in.ToClient))
}

func tencentFrame(b []byte) Verdict {
	if v := begins(b, "\xaa"); v != Match {
		return v
	}
	if len(b) < 15 {
		return NeedMore
	}
	whole, head := be32(b[1:]), be32(b[6:])
	if b[5] != 0x15 || head >= whole || whole > 1<<20 || be32(b[10:]) != 0x10e68601 {
		return No
	}
	return Match
}
