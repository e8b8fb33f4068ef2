package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestTracker(t *testing.T) {
	const hash = "%12%34Vx%9a%BC%de%f1%23Eg%89%ab%cd%ef%124Vx%9a"
	for _, target := range []string{
		"/announce?info_hash=" + hash + "&peer_id=-TR4040-abcdefghijkl&port=51413&uploaded=0&downloaded=0&left=0&compact=1&event=started",
		"/x/announce.php?passkey=1&peer_id=%2dTR4040-abcdefghijkl&info_hash=" + hash,
		"/scrape?info_hash=" + hash + "&info_hash=" + hash + "&peer_id=-TR4040-abcdefghijkl",
	} {
		for _, port := range []uint16{80, 6969} {
			res := mustMatch(t, proto.HTTP, proto.BitTorrent, TCP, port, c("GET "+target+" HTTP/1.1\r\nHost: tracker.example.org\r\nUser-Agent: Transmission/4.04\r\n\r\n"))
			wantHex(t, res, attr.BTInfoHash, "123456789abcdef123456789abcdef123456789a")
			wantText(t, res, attr.BTClient, "TR4040")
			wantText(t, res, attr.HostName, "tracker.example.org")
		}
	}
	for _, target := range []string{"/announce?info_hash=" + hash + "00", "/announce?info_hash=%1", "/announce?info_hash=", "/info_hash=" + hash, "/a?my_info_hash=" + hash, "/a?x=" + hash} {
		mustMatch(t, proto.HTTP, proto.HTTP, TCP, 80, c("GET "+target+" HTTP/1.1\r\nHost: tracker.example.org\r\n\r\n"))
	}
}
