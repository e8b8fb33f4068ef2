package detect

import (
	"strings"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

const btHash = "000102030405060708090a0b0c0d0e0f10111213"

func TestBitTorrentPeer(t *testing.T) {
	res := mustMatch(t, proto.BitTorrent, proto.BitTorrent, TCP, 6881,
		c(btHandshake+"\x00\x00\x00\x00\x00\x10\x00\x05"), cx(btHash), c("-TR4040-abcdefghijkl"))
	wantHex(t, res, attr.BTInfoHash, btHash)
	wantText(t, res, attr.BTClient, "TR4040")
	mustNot(t, proto.BitTorrent, TCP, 6881, c("\x13BitTorrent protokol"))
}

func TestBitTorrentHidden(t *testing.T) {
	noise := strings.Repeat("9b1fe2077cd3a4586e30", 20)
	res := mustMatch(t, proto.BitTorrent, proto.BitTorrent, TCP, 51413, cx(noise), sx(noise), c(btHandshake+"\x00\x00\x00\x00\x00\x10\x00\x05"), cx(btHash), c("-TR4040-abcdefghijkl"))
	wantHex(t, res, attr.BTInfoHash, btHash)
	mustNot(t, proto.BitTorrent, TCP, 51413, cx(noise), sx(noise))
}

func TestBitTorrentUDP(t *testing.T) {
	// Examples of BEP 5.
	mustMatch(t, proto.BitTorrent, proto.BitTorrent, UDP, 6881, c("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe"))
	mustMatch(t, proto.BitTorrent, proto.BitTorrent, UDP, 6881, c("d1:eli201e23:A Generic Error Ocurrede1:t2:aa1:y1:ee"))
	mustMatch(t, proto.BitTorrent, proto.BitTorrent, UDP, 6881, s("d1:rd2:id20:mnopqrstuvwxyz123456e1:t2:aa1:y1:re"))
	res := mustMatch(t, proto.BitTorrent, proto.BitTorrent, UDP, 6881,
		c("d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz123456e1:q9:get_peers1:t2:aa1:y1:qe"))
	wantHex(t, res, attr.BTInfoHash, "6d6e6f707172737475767778797a313233343536")
	res = mustMatch(t, proto.BitTorrent, proto.BitTorrent, UDP, 6771,
		c("BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\nInfohash: "+btHash+"\r\n\r\n\r\n"))
	wantHex(t, res, attr.BTInfoHash, btHash)
	// BEP 15
	res = mustMatch(t, proto.BitTorrent, proto.BitTorrent, UDP, 80, cx("0000041727101980 00000000 11223344"), sx("00000000 11223344 aabbccddeeff0011"),
		cx("aabbccddeeff0011 00000001 11223345"+btHash+"2d5452343034302d616263646566676869 6a6b6c 0000000000000000 0000000000000000 0000000000000000 00000002 00000000 00000000 ffffffff 1ae1"))
	wantHex(t, res, attr.BTInfoHash, btHash)
	// BEP 29: SYN, STATE; and two packets in the middle.
	mustMatch(t, proto.BitTorrent, proto.BitTorrent, UDP, 6881, cx("4100 1000 00112233 00000000 00100000 0001 0000"), sx("2100 1000 00112299 00000077 00100000 7000 0001"))
	mustMatch(t, proto.BitTorrent, proto.BitTorrent, UDP, 6881, cx("0100 1001 00112233 00000010 00100000 0009 7000 aabbcc"), sx("2100 1000 00112299 00000077 00100000 7001 0009"))
	mustNot(t, proto.BitTorrent, UDP, 6881, cx("0100 1001 00112233 00000010 00100000 0009 7000 aabbcc"), sx("2100 2000 00112299 00000077 00100000 7001 0009"))
	mustNot(t, proto.BitTorrent, UDP, 6881, cx("4103 1000 00112233 00000000 00100000 0001 0000"))
	mustNot(t, proto.BitTorrent, UDP, 6881, c("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:q"))
	mustNot(t, proto.BitTorrent, UDP, 6881, c("d4:spam4:eggs3:cow3:mooe"))
}

// Peers whose handshake was not seen: messages of BEP 3.
func TestBitTorrentMidway(t *testing.T) {
	ask := "0000000d 06 000002dc 00000000 00004000 0000000d 06 000002dc 00004000 00004000"
	for _, what := range [][]said{
		{sx("00000001 01"), cx("00000001 02" + ask)},
		{cx(ask), sx("00004009 07 000002dc 00000000" + sealedHex(400))},
		{sx("00000000 00000005 04 00000012"), cx("00000000 00000005 04 00000013 0000000d 06 000002dc 00000000 00004000")},
	} {
		v, res := talk(t, proto.BitTorrent, TCP, 40000, what...)
		if v != Match || !res.Partial {
			t.Errorf("%x: verdict %d", what[0].bytes, v)
		}
	}
	// A block of the usual size is enough, since no other message fits beside it.
	if v, res := talk(t, proto.BitTorrent, TCP, 40000, sx("00004009 07 000002dc 0000c000"+sealedHex(200))); v != Match || !res.Partial {
		t.Errorf("a block: verdict %d", v)
	}
	for _, what := range [][]said{
		{sx("00004009 07 000002dc 0000c400" + sealedHex(200))}, {sx("00004007 07 000002dc 0000c000" + sealedHex(200))},
		{cx("00000000 00000000 00000000 00000000")}, {cx("00000001 01 00000001 02 00000001 00")}, {cx("0000000d 06 000002dc 00000001 00004000 00000001 01 00000001 02")},
		{cx("00000005 04 00000012 00000005 04 00000013 00000005 04 00000014")}, {c("GET / HTTP/1.1")},
	} {
		if v, _ := talk(t, proto.BitTorrent, TCP, 40000, what...); v == Match {
			t.Errorf("%x is BitTorrent", what[0].bytes)
		}
	}
}
