package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestRefinedRTSP(t *testing.T) {
	for _, test := range []struct {
		server, client string
		want           proto.ID
	}{
		{"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nRequire: org.wfa.wfd1.0\r\n\r\n", "", proto.Miracast},
		{"", "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: AirPlay/550.10\r\n\r\n", proto.AirPlay},
		{"RTSP/1.0 200 OK\r\nServer: AirTunes/366.0\r\n\r\n", "GET_PARAMETER rtsp://192.0.2.1/1 RTSP/1.0\r\nCSeq: 1\r\n\r\n", proto.AirPlay},
		{"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n", "OPTIONS rtsp://192.0.2.1/1 RTSP/1.0\r\nCSeq: 1\r\n\r\n", proto.RTSP},
	} {
		var what []said
		if test.client != "" {
			what = append(what, c(test.client))
		}
		if test.server != "" {
			what = append(what, s(test.server))
		}
		mustMatch(t, proto.RTSP, test.want, TCP, 7236, what...)
	}
}
