package detect

import (
	"netifyd/core/proto"
	"netifyd/detect/internal/httpmsg"
)

// refineWebDAV knows the methods of RFC 4918 (section 9), RFC 3253, RFC 4791
// and RFC 5323, and the field DAV (RFC 4918, section 10.1) in the answer to OPTIONS.
func refineWebDAV(h *httpHead) (proto.ID, bool) {
	switch string(h.method) {
	case "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH", "MKWORKSPACE", "CHECKOUT", "CHECKIN",
		"BPROPFIND", "MKACTIVITY", "MKCALENDAR", "VERSION-CONTROL", "UNCHECKOUT", "BASELINE-CONTROL", "ORDERPATCH":
		return proto.WebDAV, true
	case "OPTIONS":
		return proto.WebDAV, h.dav
	}
	return proto.Unknown, false
}

// refineStream knows HTTP Live Streaming (RFC 8216, section 4) and MPEG-DASH
// (ISO/IEC 23009-1) by the type of the playlist (its name alone would be the
// client's word), AirPlay, SHOUTcast and Icecast by the names that their programs
// give themselves, Icecast also by its sources' method and the headers of both
// (as Icecast, libshout and ffmpeg write them, and before them
// SHOUTcast 1), HomeKit by the types of its accessory protocol (HAP specification, R2, chapter 5).
func refineStream(h *httpHead) (proto.ID, bool) {
	switch {
	case httpmsg.HasPrefix(h.answerType, "application/vnd.apple.mpegurl"), httpmsg.HasPrefix(h.answerType, "application/x-mpegurl"):
		return proto.HLS, true
	case httpmsg.HasPrefix(h.answerType, "application/dash+xml"):
		return proto.MPEGDash, true
	case httpmsg.HasPrefix(h.userAgent, "airplay/"), httpmsg.HasPrefix(h.server, "airtunes/"):
		return proto.AirPlay, true
	case isHomeKit(h.contentType), isHomeKit(h.answerType):
		return proto.HomeKit, true
	case h.shoutcast:
		return proto.ShoutCast, true
	case h.icy, httpmsg.HasPrefix(h.server, "icecast"), httpmsg.HasPrefix(h.userAgent, "libshout/"), same(h.method, []byte("SOURCE")):
		return proto.IceCast, true
	}
	return proto.Unknown, false
}

func isHomeKit(contentType []byte) bool {
	return httpmsg.HasPrefix(contentType, "application/pairing+tlv8") || httpmsg.HasPrefix(contentType, "application/hap+json")
}
