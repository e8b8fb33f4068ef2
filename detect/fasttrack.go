package detect

import (
	"bytes"

	"netifyd/core/proto"
)

// FastTrack (as MLdonkey's plugin of that name speaks it): nodes look for each
// other with a kind, the ciphers in four bytes, one or six bytes, and the name
// of the network, "KaZaA", with a zero. What they then say over TCP is
// encrypted; files are asked for in HTTP, see refineFastTrack.
var fasttrackCard = Protocol{ID: proto.FastTrack, Over: UDP, Ports: []uint16{1214}, First: "\x27\x28", Inspect: inspectFastTrack}

func inspectFastTrack(in *Input, _ *Result) Verdict {
	const ping, pong = 0x27, 0x28
	d := in.Newest()
	if len(d) < 11 || d[0] != ping && d[0] != pong || be32(d[1:]) > 0xff || d[len(d)-1] != 0 {
		return No
	}
	name := d[6 : len(d)-1]
	if d[0] == pong {
		name = d[min(11, len(d)-1) : len(d)-1]
	}
	if len(name) < 4 || len(name) > 20 {
		return No
	}
	for _, c := range name {
		if c = upper(c); c < 'A' || c > 'Z' {
			return No
		}
	}
	return Match
}

// refineFastTrack knows the hash of 20 bytes by which a file is asked for.
func refineFastTrack(h *httpHead) (proto.ID, bool) {
	const digits = 40
	hash, found := bytes.CutPrefix(h.target, []byte("/.hash="))
	if !found || len(hash) != digits {
		return proto.Unknown, false
	}
	for _, c := range hash {
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
			return proto.Unknown, false
		}
	}
	return proto.FastTrack, true
}
