package detect

import "netifyd/core/proto"

// Discord's voice over UDP (Discord's documentation, "Voice Connections"): IP
// discovery is a datagram of 74 bytes, type 1 or 2, length 70 (2 each), SSRC
// (4), an address in text (64, zeros behind it), a port (2). Between media
// packets, which are RTP, both sides ping: 0x1337cafe, a counter (4, least significant first).
var discordCard = Protocol{ID: proto.DiscordVoice, Over: UDP, First: "\x00\x13" + bytesBetween(0x80, 0xbf), Limit: 1024, Inspect: inspectDiscord}

func inspectDiscord(in *Input, _ *Result) Verdict {
	const discovery, ping, address = 74, 8, 64
	const firstPort, lastPort = 50000, 50032 // where its servers are found: worth to wait for a ping behind media
	switch d := in.Newest(); {
	case len(d) == ping && be32(d) == 0x1337cafe:
		return Match
	case len(d) == discovery && be16(d) == 1 && be16(d[2:]) == discovery-4 && isZero(d[8:8+address]):
		return Match
	case len(d) == discovery && be16(d) == 2 && be16(d[2:]) == discovery-4 && isZero(d[8+46:8+address]):
		return Match
	case len(d) > 8 && d[0]>>6 == 2 && (in.ServerPort >= firstPort && in.ServerPort <= lastPort || in.ClientPort >= firstPort && in.ClientPort <= lastPort):
		return NeedMore
	}
	return No
}
