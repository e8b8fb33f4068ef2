package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestRefinedHTTP(t *testing.T) {
	const id = proto.HTTP
	for _, test := range []struct {
		ask, answer string
		want        proto.ID
	}{
		{"PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n", "", proto.WebDAV},
		{"UNLOCK /x HTTP/1.1\r\nHost: a\r\n\r\n", "", proto.WebDAV},
		{"OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nDAV: 1, 2\r\n\r\n", proto.WebDAV},
		{"OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nAllow: GET\r\n\r\n", proto.HTTP},
		{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nDAV: 1, 2\r\n\r\n", proto.HTTP},
		{"GET /live/a.m3u8?x=1 HTTP/1.1\r\nHost: a\r\n\r\n", "", proto.HTTP},
		{"GET /live HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.apple.mpegurl\r\n\r\n", proto.HLS},
		{"GET /a/manifest.mpd HTTP/1.1\r\nHost: a\r\n\r\n", "", proto.HTTP},
		{"GET /a HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Type: application/dash+xml\r\n\r\n", proto.MPEGDash},
		{"GET /tone HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.0 200 OK\r\nServer: Icecast 2.4.4\r\n\r\n", proto.IceCast},
		{"POST /pair-setup HTTP/1.1\r\nHost: a\r\nContent-Type: application/pairing+tlv8\r\n\r\n", "", proto.HomeKit},
		{"POST /play HTTP/1.1\r\nHost: a\r\nUser-Agent: AirPlay/420.69\r\n\r\n", "", proto.AirPlay},
		{"GET /; HTTP/1.1\r\nHost: a\r\nIcy-MetaData: 1\r\n\r\n", "HTTP/1.0 200 OK\r\nicy-br:128\r\n\r\n", proto.IceCast},
		{"GET /; HTTP/1.1\r\nHost: a\r\nIcy-MetaData: 1\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n", proto.HTTP},
		{"GET /a.mpdx HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", proto.HTTP},
		{"GET /.m3u HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\n", proto.HTTP},
	} {
		what := []said{c(test.ask)}
		if test.answer != "" {
			what = append(what, s(test.answer))
		}
		mustMatch(t, id, test.want, TCP, 80, what...)
	}
}
