package detect

import (
	"bytes"

	"netifyd/core/proto"
	"netifyd/detect/internal/httpmsg"
)

// switched says that a connection changes to a protocol: the client offers it,
// and the server, which answers with one or several of the offers, changes to it
// (RFC 9110, section 7.8). Where only one of the two was seen, that one counts.
func (h *httpHead) switched(lower string) bool {
	if h.method != nil && !lists(h.upgrade, lower) {
		return false
	}
	return h.status == 101 && (h.upgraded == nil || lists(h.upgraded, lower))
}

// lists says that a list has an element that begins as lower, up to its end or a version.
func lists(list []byte, lower string) bool {
	for len(list) > 0 {
		one, rest, _ := bytes.Cut(list, []byte(","))
		one = bytes.Trim(one, " \t")
		if httpmsg.HasPrefix(one, lower) && (len(one) == len(lower) || one[len(lower)] == '/') {
			return true
		}
		list = rest
	}
	return false
}

// refineH2C knows the change to HTTP/2 without TLS (RFC 7540, section 3.2); the
// request before it is the first one of the connection.
func refineH2C(h *httpHead) (proto.ID, bool) {
	return proto.HTTP2, h.switched("h2c")
}

// upgradeTLS reads TLS behind a change to it (RFC 2817), as printers are asked for.
func (h *httpHead) upgradeTLS(res *Result) {
	if res.More || !h.switched("tls") {
		return
	}
	if res.Protocol == proto.HTTP {
		res.Protocol = proto.HTTPS
	}
	insideTLS(h.behind, h.answerBehind, res)
}
