package detect

import "netifyd/core/proto"

// refineWebsocket knows the handshake of WebSocket (RFC 6455, section 4): the
// client asks to upgrade, and the server does not refuse.
func refineWebsocket(h *httpHead) (proto.ID, bool) {
	return proto.Websocket, h.status == 0 && lists(h.upgrade, "websocket") || h.switched("websocket")
}
