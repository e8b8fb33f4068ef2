package detect

import (
	"hash/crc32"

	"netifyd/core/proto"
)

// NRPE without TLS (https://github.com/NagiosEnterprises/nrpe, "NRPE
// PROTOCOL"): version, type, a CRC-32 of all with itself zero, result; version
// 2 then has a buffer of 1024 bytes, 3 and 4 the length of theirs.
var nrpeCard = Protocol{ID: proto.NRPE, Over: TCP, Ports: []uint16{5666}, Limit: nrpeLimit, Inspect: inspectNRPE}

const nrpeLimit = 2100

func inspectNRPE(in *Input, _ *Result) Verdict {
	up, down := nrpePacket(in.ToServer, 1, 3), nrpePacket(in.ToClient, 2, 4)
	return together(up, down)
}

// nrpePacket wants the checksum to be right; type is first, or more where the text goes on in another packet.
func nrpePacket(b []byte, first, more byte) Verdict {
	const head, oldSize = 16, 1036
	for i, ch := range b[:min(len(b), 4)] {
		if i&1 == 0 && ch != 0 || i == 1 && (ch < 2 || ch > 4) || i == 3 && ch != first && ch != more {
			return No
		}
	}
	if len(b) < head {
		return NeedMore
	}
	if b[1] == 2 {
		return nrpeSummed(b, oldSize)
	}
	// The structure of version 3 is counted with its padding of three bytes.
	n := be32(b[12:])
	if n > nrpeLimit-head-3 {
		return No
	}
	v := nrpeSummed(b, head+int(n))
	if v == No {
		v = nrpeSummed(b, head+int(n)+3)
	}
	return v
}

// nrpeZero stands for the checksum while it is taken.
var nrpeZero [4]byte

func nrpeSummed(b []byte, size int) Verdict {
	if len(b) < size {
		return NeedMore
	}
	sum := crc32.Update(0, crc32.IEEETable, b[:4])
	sum = crc32.Update(sum, crc32.IEEETable, nrpeZero[:])
	if crc32.Update(sum, crc32.IEEETable, b[8:size]) == be32(b[4:]) {
		return Match
	}
	return No
}
