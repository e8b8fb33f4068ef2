package detect

import "netifyd/core/proto"

// OPC UA over TCP (OPC 10000-6, clause 7.1.2): three letters, the kind of
// chunk, and the size of the message in little-endian order.
var opcuaCard = Protocol{ID: proto.OPCUA, Over: TCP, Ports: []uint16{4840}, Limit: 128, Inspect: inspectOPCUA}

func inspectOPCUA(in *Input, _ *Result) Verdict { return eitherWay(in, opcuaMessage) }

func opcuaMessage(b []byte) Verdict {
	for _, m := range opcuaMessages {
		v := begins(b, m.kind)
		if v == NeedMore {
			return NeedMore
		}
		if v == No {
			continue
		}
		if m.chunks {
			if len(b) > 3 && b[3] != 'F' && b[3] != 'C' && b[3] != 'A' {
				return No
			}
		} else if len(b) > 3 && b[3] != 'F' {
			return No
		}
		if len(b) < 8 {
			return NeedMore
		}
		const largest = 1 << 26
		if n := le32(b[4:]); n < m.least || n > m.most || n > largest {
			return No
		}
		return Match
	}
	return No
}

// opcuaMessages, with the least and the largest size where there is one: an
// endpoint's address and the text of an error have at most 4096 bytes.
var opcuaMessages = [...]struct {
	kind        string
	chunks      bool
	least, most uint32
}{
	{"HEL", false, 32, 4128},
	{"ACK", false, 28, 28},
	{"ERR", false, 16, 4112},
	{"RHE", false, 16, 8208},
	{"OPN", true, 32, 1 << 26},
	{"CLO", true, 24, 1 << 26},
	{"MSG", true, 24, 1 << 26},
}
