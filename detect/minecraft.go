package detect

import "netifyd/core/proto"

// Minecraft, Java edition (https://minecraft.wiki/w/Java_Edition_protocol): the
// handshake tells the version, the host, the port, and what the client wants;
// older clients ask with a text in UTF-16.
var minecraftCard = Protocol{ID: proto.Minecraft, Over: TCP, Ports: []uint16{25565}, Limit: 512, Inspect: inspectMinecraft}

func inspectMinecraft(in *Input, res *Result) Verdict {
	b := in.ToServer
	if len(b) == 0 {
		if len(in.ToClient) == 0 {
			return NeedMore
		}
		return No
	}
	if b[0] == 0xfe {
		return begins(b, "\xfe\x01\xfa\x00\x0b\x00M\x00C\x00|\x00P\x00i\x00n\x00g\x00H\x00o\x00s\x00t")
	}
	length, at, v := varint(b, 0)
	if v != Match {
		return v
	}
	if length < 7 || length > 270 {
		return No
	}
	if at == len(b) {
		return NeedMore
	}
	if b[at] != 0 {
		return No
	}
	start := at
	version, at, v := varint(b, at+1)
	if v != Match {
		return v
	}
	host, at, v := varint(b, at)
	if v != Match {
		return v
	}
	// After the host: the port and what is wanted: status, login, transfer.
	if version > 1<<16 && version>>30 != 1 || host < 4 || host > 255 || at-start+host+3 != length {
		return No
	}
	name := b[at:min(len(b), at+host)]
	for i, c := range name {
		if c < ' ' && (c != 0 || i == 0) || c == 0x7f || c == 0 && i > 0 && name[i-1] == 0 && i+1 < len(name) { // a zero begins what mods add
			return No
		}
	}
	if len(b) < start+length {
		return NeedMore
	}
	if next := b[start+length-1]; next < 1 || next > 3 {
		return No
	}
	putHost(res, cutZero(name))
	return Match
}

// varint reads seven bits a byte, the lowest first, from a place on; at most five bytes.
func varint(b []byte, at int) (n, after int, v Verdict) {
	for shift := 0; shift < 35; shift += 7 {
		if at == len(b) {
			return 0, at, NeedMore
		}
		c := b[at]
		at++
		n |= int(c&0x7f) << shift
		if c < 0x80 {
			return n, at, Match
		}
	}
	return 0, at, No
}
