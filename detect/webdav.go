package detect

import (
	"netifyd/core/proto"
	"netifyd/detect/internal/httpmsg"
)

// refineWebDAV knows the methods of RFC 4918 (section 9), RFC 3253 and RFC 5323.
func refineWebDAV(h *httpHead) (proto.ID, bool) {
	switch string(h.method) {
	case "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH", "MKWORKSPACE", "CHECKOUT", "CHECKIN":
		return proto.WebDAV, true
	}
	return proto.Unknown, false
}

// refineStream knows HTTP Live Streaming (RFC 8216, section 4) and MPEG-DASH
// (ISO/IEC 23009-1) by the type of the playlist or the ending of its name, and
// Icecast by the name of the server with audio or video, or by what its sources send.
func refineStream(h *httpHead) (proto.ID, bool) {
	path := h.target
	for i, c := range path {
		if c == '?' || c == '#' {
			path = path[:i]
			break
		}
	}
	switch {
	case endsWith(path, ".m3u8"), httpmsg.HasPrefix(h.contentType, "application/vnd.apple.mpegurl"),
		httpmsg.HasPrefix(h.contentType, "application/x-mpegurl"):
		return proto.HLS, true
	case endsWith(path, ".mpd"), httpmsg.HasPrefix(h.contentType, "application/dash+xml"):
		return proto.MPEGDash, true
	case httpmsg.HasPrefix(h.server, "icecast"), same(h.method, []byte("SOURCE")):
		return proto.IceCast, true
	}
	return proto.Unknown, false
}

func endsWith(b []byte, end string) bool {
	return len(b) > len(end) && string(b[len(b)-len(end):]) == end
}
