package detect

import (
	"encoding/hex"
	"fmt"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestHTTP2(t *testing.T) {
	testProtocol(t, proto.HTTP2, proto.GRPC)
	settings := sx("000006 04 00 00000000 0003 00000064")
	mustMatch(t, proto.HTTP2, proto.HTTP2, TCP, 80, settings, c(http2Preface))
	mustNot(t, proto.HTTP2, TCP, 80, s("220 hello\r\n"))
	mustNot(t, proto.HTTP2, TCP, 80, c("PRI * HTTP/1.1\r\n"))
}

// The first request names the host (RFC 7541, appendix C.4.1, in a frame of RFC 9113).
func TestHTTP2Names(t *testing.T) {
	block := "828684418cf1e3c2e5f23a6ba0ab90f4ff" + "7a04" + hex.EncodeToString([]byte("test"))
	head := func(flags, extra, block, tail string) said {
		n := (len(extra) + len(block) + len(tail)) / 2
		return cx(fmt.Sprintf("%06x01%s00000001", n, flags) + extra + block + tail)
	}
	for _, first := range []said{head("05", "", block, ""), head("0d", "02", block, "0000"), head("25", "800000030f", block, "")} {
		res := mustMatch(t, proto.HTTP2, proto.HTTP2, TCP, 8080, c(http2Preface), cx("000000040000000000"), s("\x00\x00\x00\x04\x00\x00\x00\x00\x00"), first)
		wantText(t, res, attr.HostName, "www.example.com")
		wantText(t, res, attr.HTTPMethod, "GET")
		wantText(t, res, attr.HTTPURL, "www.example.com/")
		wantText(t, res, attr.HTTPUserAgent, "test")
		if res.More {
			t.Error("asks for more after the first request")
		}
	}
	// frames before it that a later document adds: PRIORITY_UPDATE (RFC 9218, section 7.1), and one to keep readers open for more
	update, grease := cx("000008 10 00 00000000 00000001 753d3300"), cx("000003 bb ff 00000007 616263")
	res := mustMatch(t, proto.HTTP2, proto.HTTP2, TCP, 8080, c(http2Preface), cx("000000040000000000"), update, grease, head("05", "", block, ""))
	wantText(t, res, attr.HostName, "www.example.com")
	// the block goes on in two frames (RFC 9113, section 6.10)
	n := len(block)
	parts := func(last string) said {
		return cx(fmt.Sprintf("%06x010100000001", 4) + block[:8] + fmt.Sprintf("%06x090000000001", 6) + block[8:20] + fmt.Sprintf("%06x09%s00000001", (n-20)/2, last) + block[20:])
	}
	res = mustMatch(t, proto.HTTP2, proto.HTTP2, TCP, 8080, c(http2Preface), parts("04"))
	wantText(t, res, attr.HostName, "www.example.com")
	wantText(t, res, attr.HTTPUserAgent, "test")
	if res.More {
		t.Error("asks for more after the end of the block")
	}
	if res = mustMatch(t, proto.HTTP2, proto.HTTP2, TCP, 8080, c(http2Preface), parts("00")); !res.More {
		t.Error("does not wait for the end of the block")
	}
	user := "828684" + "4113" + hex.EncodeToString([]byte("al:pw@b.example.org"))
	res = mustMatch(t, proto.HTTP2, proto.HTTP2, TCP, 8080, c(http2Preface), head("05", "", user, ""))
	wantText(t, res, attr.HostName, "b.example.org")
	wantText(t, res, attr.HTTPURL, "b.example.org/")
	grpc := "8386459162" + hex.EncodeToString([]byte("x")) // what cannot be read names nothing
	mustMatch(t, proto.HTTP2, proto.HTTP2, TCP, 8080, c(http2Preface), head("04", "", grpc, ""))
	typed := "83864103" + hex.EncodeToString([]byte("abc")) + "5f10" + hex.EncodeToString([]byte("application/grpc"))
	mustMatch(t, proto.HTTP2, proto.GRPC, TCP, 50051, c(http2Preface), head("04", "", typed, ""))
}
