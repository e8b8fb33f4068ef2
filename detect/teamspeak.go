package detect

import "netifyd/core/proto"

// TeamSpeak 3: the handshake over UDP (port 9987) is marked "TS3INIT1" in place
// of a message authentication, packet 101, from the client with client 0 and
// both ways with type 0x88 (unencrypted, init); queries over TCP (port 10011)
// are greeted with "TS3" on a line.
var teamspeakCard = Protocol{ID: proto.TeamSpeak, Over: TCP | UDP, Ports: []uint16{9987, 10011, 8767}, Limit: 2048, Inspect: inspectTeamSpeak}

func inspectTeamSpeak(in *Input, _ *Result) Verdict {
	if in.Over == UDP {
		d := in.Newest()
		if len(d) >= 12 && begins(d, "TS3INIT1") == Match && be16(d[8:]) == 0x65 || isTeamSpeak2(d) {
			return Match
		}
		return teamspeakMidway(in)
	}
	const greeting = "TS3\n\rWelcome to the TeamSpeak 3 ServerQuery"
	if len(in.ToClient) == 0 && len(in.ToServer) > 0 {
		return No
	}
	return begins(in.ToClient, greeting)
}
