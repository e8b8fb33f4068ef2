package engine

import (
	"encoding/binary"
	"math/bits"

	"netifyd/core/packet"
)

// questions remembers what was asked of name servers, so that only answers to
// it are believed: who asked, whom, and the question with its identifier. A
// fixed table, four places for each set; the oldest goes first.
type questions struct {
	asked [questionSets][questionWays]question
}

type question struct {
	mark uint64 // 0: the place is free
	at   uint32 // seconds since 1970
}

const (
	questionSets = 256
	questionWays = 4
	// questionLife is how long an answer may take, in seconds: longer than a
	// resolver asks again (RFC 1035, section 4.2.1), shorter than identifiers need to come again.
	questionLife = 20
)

// markOf stands for a question by one end to another.
func markOf(question uint64, who, whom *[16]byte, port, at uint16) uint64 {
	h := question ^ uint64(port)<<16 ^ uint64(at)
	for _, a := range [...]*[16]byte{who, whom} {
		for i := 0; i < 16; i += 8 {
			hi, lo := bits.Mul64(h^binary.LittleEndian.Uint64(a[i:]), 0xe7037ed1a0b428db)
			h = hi ^ lo ^ 0xa0761d6478bd642f
		}
	}
	return max(h, 1)
}

// note remembers a question that is in v.
func (q *questions) note(question uint64, v *packet.View, now int64) {
	mark := markOf(question, &v.Src, &v.Dst, v.SrcPort, v.DstPort)
	set := &q.asked[mark%questionSets]
	at := 0
	for i := range set {
		if set[i].mark == mark {
			at = i
			break
		}
		if set[i].at < set[at].at {
			at = i
		}
	}
	set[at].mark, set[at].at = mark, uint32(now/second)
}

// answered says that what v replies to was asked.
func (q *questions) answered(question uint64, v *packet.View, now int64) bool {
	mark := markOf(question, &v.Dst, &v.Src, v.DstPort, v.SrcPort)
	set := &q.asked[mark%questionSets]
	for i := range set {
		if set[i].mark == mark {
			return uint32(now/second) <= set[i].at+questionLife
		}
	}
	return false
}
