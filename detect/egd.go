package detect

import "netifyd/core/proto"

// Ethernet Global Data of GE's controllers (GFK-2224, "TCP/IP Ethernet
// Communications", chapter 4): a producer sends datagrams of a header of 32
// bytes, little-endian, and at most 1400 bytes of data.
var egdCard = Protocol{ID: proto.EGD, Over: UDP, Ports: []uint16{18246}, First: "\x0d", Inspect: inspectEGD}

func inspectEGD(in *Input, _ *Result) Verdict {
	d := in.Newest()
	const header, maxData, second = 32, 1400, 1e9
	if len(d) < header || len(d) > header+maxData || d[0] != 0x0d || d[1] != 1 {
		return No
	}
	producer, exchange, nanoseconds, reserved := d[4:8], le32(d[8:]), le32(d[16:]), le32(d[28:])
	if producer[0] == 0 || producer[3] == 0 || exchange == 0 || nanoseconds >= second || reserved != 0 {
		return No
	}
	return Match
}
