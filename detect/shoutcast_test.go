package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestShoutCast(t *testing.T) {
	const id = proto.ShoutCast
	testProtocol(t, id)
	mustMatch(t, id, id, TCP, 8001, c("secret\r\n"), s("OK2\r\nicy-caps:11\r\n\r\n"), c("icy-name:tone\r\n"))
	mustMatch(t, id, id, TCP, 8001, s("OK2\r\nicy-caps:11\r\n\r\n"))
	mustNot(t, id, TCP, 8001, c("secret\r\n"), s("invalid password\r\n"))
	mustNot(t, id, TCP, 8001, c("secret\r\nmore"))
	mustNot(t, id, TCP, 8001, c("QUIT now\r\n"))
	mustNot(t, id, TCP, 8001, c("sec\rret\r\n"))

	get := c("GET / HTTP/1.0\r\nIcy-MetaData: 1\r\n\r\n")
	mustMatch(t, proto.HTTP, id, TCP, 8000, get,
		s("ICY 200 OK\r\nicy-notice1:<BR>This stream requires Winamp<BR>\r\nicy-notice2:SHOUTcast Distributed Network Audio Server/Linux v1.9.8<BR>\r\n\r\n"))
	mustMatch(t, proto.HTTP, proto.IceCast, TCP, 8000, get, s("ICY 200 OK\r\nicy-notice2:Icecast server version 1.2\r\nicy-name:tone\r\n\r\n"))
	mustMatch(t, proto.HTTP, proto.IceCast, TCP, 8000, c("SOURCE /tone.mp3 ICE/1.0\r\ncontent-type: audio/mpeg\r\n\r\n"))
	mustMatch(t, proto.HTTP, proto.IceCast, TCP, 8000, c("SOURCE /tone.mp3 HTTP/1.0\r\n\r\n"), s("HTTP/1.0 200 OK\r\n\r\n"))
	mustMatch(t, proto.HTTP, proto.IceCast, TCP, 8000, c("PUT /tone.mp3 HTTP/1.1\r\nHost: a\r\nIce-Public: 1\r\n\r\n"))
}
