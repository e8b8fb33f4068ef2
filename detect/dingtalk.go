package detect

import "netifyd/core/proto"

// DingTalk's long connection (port 443, without TLS) has no public
// description. Its first message: 0x10, length of the rest (with two bytes
// more), then fields of type, length (2) and value, of which the first are a
// byte, a name of two letters and a key of 32 bytes.
var dingtalkCard = Protocol{ID: proto.DingTalk, Over: TCP, Limit: 256, Inspect: inspectDingTalk}

func inspectDingTalk(in *Input, _ *Result) Verdict {
	const name, key = 8, 13 // where the second and third field begin
	b := in.ToServer
	if len(b) == 0 && len(in.ToClient) > 0 || len(b) > 0 && b[0] != 0x10 || len(b) > 2 && b[2] != 0x87 {
		return No
	}
	if len(b) > 4 && begins(b[4:min(len(b), name)], "\x01\x00\x01") == No {
		return No
	}
	if len(b) > name && begins(b[name:min(len(b), key)], "\x02\x00\x02") == No {
		return No
	}
	if len(b) <= key {
		return NeedMore
	}
	return begins(b[key:], "\x03\x00\x20")
}
