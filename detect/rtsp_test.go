package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestRTSP(t *testing.T) {
	res := mustMatch(t, proto.RTSP, proto.RTSP, TCP, 554, c("DESCRIBE rtsp://u:p@Media.Example.com:554/twister RTSP/1.0\r\nCSeq: 1\r\n\r\n"))
	if got := string(res.Get(attr.HostName)); got != "media.example.com" {
		t.Errorf("host %q", got)
	}
	res = mustMatch(t, proto.RTSP, proto.RTSP, TCP, 554, c("OPTIONS rtsp://media.example.com/ RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: LibVLC/3.0.16\r\n\r\n"))
	wantText(t, res, attr.HTTPUserAgent, "LibVLC/3.0.16")
	if got := string(res.Get(attr.HostName)); got != "media.example.com" {
		t.Errorf("host %q", got)
	}
	mustMatch(t, proto.RTSP, proto.RTSP, TCP, 554, c("OPTIONS * RTSP/1.0\r\n"))
	mustMatch(t, proto.RTSP, proto.RTSP, TCP, 554, s("RTSP/1.0 200 OK\r\n"))
	mustNot(t, proto.RTSP, TCP, 80, c("OPTIONS * HTTP/1.1\r\n"))
	mustNot(t, proto.RTSP, TCP, 5060, c("OPTIONS sip:a SIP/2.0\r\n"))
}
