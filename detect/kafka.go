package detect

import "netifyd/core/proto"

var kafkaCard = Protocol{ID: proto.Kafka, Over: TCP, Ports: []uint16{9092}, Limit: 1024, Inspect: inspectKafka}

// inspectKafka recognises a request
// (https://kafka.apache.org/protocol.html#protocol_messages): length, API,
// version, correlation, client's name; and the answer with the same
// correlation. A first request with a name, a small correlation and nothing
// behind its length needs no answer. A request without a name must end with its
// length, and its answer too.
func inspectKafka(in *Input, _ *Result) Verdict {
	const header, maxAPI, maxVersion, maxName = 14, 92, 20, 255
	b := in.ToServer
	if len(b) == 0 {
		if len(in.ToClient) > 0 {
			return No
		}
		return NeedMore
	}
	for i, ch := range b[:min(len(b), 8)] {
		if i == 0 && ch != 0 || i == 4 && ch != 0 || i == 5 && ch > maxAPI || i == 6 && ch != 0 || i == 7 && ch > maxVersion {
			return No
		}
	}
	if len(b) < header {
		return NeedMore
	}
	length, name := int(be32(b)), be16(b[12:])
	if length < header-4 {
		return No
	}
	if name != 0xffff { // null
		if name > maxName || length < header-4+name || !isText(b[header:min(len(b), header+name)]) {
			return No
		}
		if len(b) < header+name {
			return NeedMore
		}
	}
	if name == 0 && be32(b[4:]) == 0 { // as a session of ZooKeeper begins; nobody produces without a name in version 0
		return No
	}
	if name > 2 && name <= maxName && len(b) == 4+length && be32(b[8:]) < 1<<16 {
		return Match
	}
	answer := in.ToClient
	if len(answer) > 0 && answer[0] != 0 {
		return No
	}
	if len(answer) < 8 {
		return NeedMore
	}
	if be32(answer) < 4 || !same(answer[4:8], b[8:12]) {
		return No
	}
	if name > 2 && name <= maxName || be32(b[8:]) != 0 && len(b) == 4+length && len(answer) == 4+int(be32(answer)) {
		return Match
	}
	return No
}
