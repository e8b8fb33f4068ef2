package detect

import "netifyd/core/proto"

// refineRTSP knows Miracast, whose devices ask for "org.wfa.wfd1.0" in their
// first messages (Wi-Fi Display Technical Specification, section 6.4), and
// AirPlay by the names that its programs give themselves. done: the heads of
// both sides were seen, or as much of them as will be read.
func refineRTSP(in *Input) (id proto.ID, done bool) {
	id = proto.RTSP
	for _, b := range [][]byte{in.ToServer, in.ToClient} {
		switch {
		case following(b, "org.wfa.wfd1") != nil:
			return proto.Miracast, true
		case following(b, "\r\nUser-Agent: AirPlay/") != nil, following(b, "\r\nServer: AirTunes/") != nil, following(b, "\r\nApple-Challenge: ") != nil:
			return proto.AirPlay, true
		}
	}
	return id, rtspHead(in.ToServer) && rtspHead(in.ToClient)
}

func rtspHead(b []byte) bool {
	const enough = 900
	return len(b) >= enough || following(b, "\r\n\r\n") != nil
}
