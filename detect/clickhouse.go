package detect

import "netifyd/core/proto"

// ClickHouse's native protocol (clickhouse.com/docs, "Native protocol: Client
// packets"): a hello is packet 0 with a name: the client's, which mostly holds
// the product's, or the server's.
var clickhouseCard = Protocol{ID: proto.ClickHouse, Over: TCP, Ports: []uint16{9000}, Limit: 96, Inspect: inspectClickHouse}

func inspectClickHouse(in *Input, _ *Result) Verdict { return eitherWay(in, clickHouseHello) }

func clickHouseHello(b []byte) Verdict {
	const least, longest, product = 10, 64, "CLICKHOUSE"
	if len(b) > 0 && b[0] != 0 || len(b) > 1 && (b[1] < least || b[1] > longest) {
		return No
	}
	if len(b) < 3 {
		return NeedMore
	}
	name := b[2:min(len(b), 2+int(b[1]))]
	if !isText(name) {
		return No
	}
	if findFold(name, product) >= 0 {
		return Match
	}
	if len(name) < int(b[1]) {
		return NeedMore
	}
	return No
}
