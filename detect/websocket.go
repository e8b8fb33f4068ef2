package detect

import (
	"netifyd/core/proto"
	"netifyd/detect/internal/httpmsg"
)

// refineWebsocket knows the handshake of WebSocket (RFC 6455, section 4): the
// client asks to upgrade, and the server does not refuse.
func refineWebsocket(h *httpHead) (proto.ID, bool) {
	return proto.Websocket, httpmsg.Is(h.upgrade, "websocket") && (h.status == 0 || h.status == 101)
}
