package detect

import (
	"netifyd/core/proto"
	"netifyd/detect/internal/httpmsg"
)

// refineSOAP knows SOAP 1.1 by its header (section 6.1.1 of the W3C note of
// 2000) and SOAP 1.2 by the type of its content (RFC 3902).
func refineSOAP(h *httpHead) (proto.ID, bool) {
	return proto.SOAP, h.soapAction || httpmsg.HasPrefix(h.contentType, "application/soap+xml")
}
