package detect

import (
	"bytes"

	"netifyd/core/proto"
	"netifyd/detect/internal/httpmsg"
)

// refineDoH knows DNS over HTTP without TLS, as between a front end and a
// resolver, by the type of its content or by the query in its target (RFC 8484, section 4.1).
func refineDoH(h *httpHead) (proto.ID, bool) {
	return proto.DoH, httpmsg.HasPrefix(h.contentType, "application/dns-message") ||
		bytes.HasPrefix(h.target, []byte("/dns-query?dns="))
}
