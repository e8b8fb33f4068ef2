package detect

import "netifyd/core/proto"

// The transport between nodes of Elasticsearch and OpenSearch
// (TcpHeader of their sources): "ES", length, request, status, version. A ping
// has the length -1 and nothing else.
var elasticsearchCard = Protocol{ID: proto.ElasticSearch, Over: TCP, Ports: []uint16{9300}, Limit: 32, Inspect: inspectElasticSearch}

func inspectElasticSearch(in *Input, _ *Result) Verdict { return eitherWay(in, elasticMessage) }

func elasticMessage(b []byte) Verdict {
	const header, ping = 19, "ES\xff\xff\xff\xff"
	const maxStatus = 0x1f
	const least, most = 1000000, 0x0fffffff // version 1.0.0 is 1000099; OpenSearch sets a bit above
	v := begins(b, "ES")
	if v != Match {
		return v
	}
	if p := begins(b, ping); p == Match || p == NeedMore && len(b) < 6 {
		return p
	}
	if len(b) > 2 && b[2] != 0 || len(b) > 6 && !isZero(b[6:min(len(b), 8)]) {
		return No
	}
	if len(b) < header {
		return NeedMore
	}
	if n := be32(b[2:]); n < header-6 {
		return No
	}
	if version := be32(b[15:]); b[14] > maxStatus || version < least || version > most {
		return No
	}
	return Match
}
