package detect

import "netifyd/core/proto"

// alibabaMagic begins every message of the secure channel that phones keep to
// Alibaba's cloud: four bytes of mark, length of what follows (4, least significant first).
const alibabaMagic = "\xce\xfa\xbe\xba"

var alicloudCard = Protocol{ID: proto.AlibabaCloud, Over: TCP, Ports: []uint16{8999}, Limit: 4096, Inspect: inspectAlibabaCloud}

// inspectAlibabaCloud asks for a second message, of either side.
func inspectAlibabaCloud(in *Input, _ *Result) Verdict {
	up, second := alibabaMessages(in.ToServer)
	down, again := alibabaMessages(in.ToClient)
	switch {
	case up == No || down == No:
		return No
	case up == Match && down == Match, second, again:
		return Match
	}
	return NeedMore
}

// alibabaMessages judges the first header, and says whether a second one stands where the first message ends.
func alibabaMessages(b []byte) (v Verdict, second bool) {
	const header, maxLength = 8, 1 << 16
	if v := begins(b, alibabaMagic); v != Match {
		return v, false
	}
	if len(b) < header {
		return NeedMore, false
	}
	n := le32(b[4:])
	if n == 0 || n >= maxLength {
		return No, false
	}
	rest := b[min(len(b), header+int(n)):]
	return Match, begins(rest, alibabaMagic) == Match
}
