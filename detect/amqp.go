package detect

import "netifyd/core/proto"

var amqpCard = Protocol{ID: proto.AMQP, Over: TCP, Ports: []uint16{5672}, Limit: tlsLimit, Inspect: inspectAMQP}

// inspectAMQP recognises the protocol header of AMQP 0-9-1 (section 4.2.2) and
// 1.0 (part 2, section 2.2), or in the middle of a session two whole frames of
// 0-9-1 (section 4.2.3). The header of 1.0 may ask for TLS (part 5, section 2.1).
func inspectAMQP(in *Input, res *Result) Verdict {
	const header, secure = 8, "AMQP\x02"
	client, server := amqpStart(in.ToServer), amqpStart(in.ToClient)
	switch {
	case client == Match && begins(in.ToServer, secure) == Match && begins(in.ToClient, secure) != No:
		insideTLS(behind(in.ToServer, header), behind(in.ToClient, header), res)
		return Match
	case client == Match || server == Match:
		return Match
	case client == No || server == No:
		return No
	}
	return NeedMore
}

func amqpStart(b []byte) Verdict {
	if v := begins(b, "AMQP"); v != No {
		for i, ch := range b[min(len(b), 4):min(len(b), 8)] {
			if i == 0 && ch > 3 || i > 0 && ch > 10 {
				return No
			}
		}
		if len(b) < 8 {
			return NeedMore
		}
		return Match
	}
	const header, end, largest = 7, 0xce, 1 << 17
	frames := 0
	for ; len(b) > 0; frames++ {
		kind := b[0]
		if (kind < 1 || kind > 3) && kind != 8 || len(b) > 3 && b[3] != 0 || len(b) > 4 && b[4] > 2 {
			return No
		}
		if len(b) < header {
			return NeedMore
		}
		size := int(be32(b[3:]))
		if size > largest || kind == 8 && size != 0 || kind == 1 && (size < 4 || len(b) > header+1 && !amqpClass(be16(b[header:]))) {
			return No
		}
		if len(b) <= header+size {
			return NeedMore
		}
		if b[header+size] != end {
			return No
		}
		if frames == 1 {
			return Match
		}
		b = b[header+size+1:]
	}
	return NeedMore
}

// amqpClass says that methods have the class (AMQP 0-9-1, section 1.1).
func amqpClass(class int) bool {
	switch class {
	case 10, 20, 40, 50, 60, 85, 90:
		return true
	}
	return false
}
