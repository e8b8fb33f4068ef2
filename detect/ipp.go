package detect

import (
	"netifyd/core/proto"
	"netifyd/detect/internal/httpmsg"
)

// refineIPP knows the Internet Printing Protocol by the type of its content (RFC 8010, section 4).
func refineIPP(h *httpHead) (proto.ID, bool) {
	return proto.IPP, httpmsg.HasPrefix(h.contentType, "application/ipp")
}
