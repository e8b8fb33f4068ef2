package detect

import (
	"bytes"

	"netifyd/core/attr"
	"netifyd/detect/internal/httpmsg"
)

// httpHead is what the heads of a request and of its response say. Fields that
// were not seen are nil or 0.
type httpHead struct {
	method, target        []byte // of the request
	host, userAgent       []byte // of the request: in a response they mean nothing (RFC 9110, sections 7.2 and 10.1.5)
	contentType           []byte // of the request; of the response where no request was seen
	server, answerType    []byte // of the response
	upgrade, upgraded     []byte // of the request, of the response
	soapAction, dav, icy  bool
	shoutcast             bool // the server calls itself SHOUTcast
	facts                 attr.Facts
	sized, chunked        bool // the request says how long its content is, that it comes in pieces
	status                int
	askedAll, answeredAll bool   // the head of the request, of the response is complete
	behind, answerBehind  []byte // what follows the head of the request, of the response; nil: the head's end was not seen

	hosts int    // host fields that differ: with two, none is believed
	room  []byte // for values that go on in a second line
}

// httpFoldRoom is where the room for values of several lines begins in Result.Scratch; the URL is put together before it.
const httpFoldRoom = ScratchBytes / 2

// maxInterim is how many answers "100 Continue" and the like are passed over.
const maxInterim = 8

// readRequest reads the head of a request.
func (h *httpHead) readRequest(b []byte) Verdict {
	r, s := httpmsg.ReadRequest(b)
	switch s {
	case httpmsg.Partial:
		return NeedMore
	case httpmsg.Whole:
		h.method, h.target = r.Method, r.Target
		if end := httpmsg.End(b, r.Head); end > 0 {
			h.behind = b[end:]
		}
		h.askedAll = len(b) >= httpLimit || h.behind != nil
		h.readFields(b, r.Head, false)
		return Match
	}
	return No
}

// readUnknown reads the head of a request whose method is not known, once the
// answer has proven that it is one.
func (h *httpHead) readUnknown(b []byte) {
	if r, ok := httpmsg.UnknownRequest(b); ok {
		h.method, h.target = r.Method, r.Target
		if end := httpmsg.End(b, r.Head); end > 0 {
			h.behind = b[end:]
		}
		h.askedAll = len(b) >= httpLimit || h.behind != nil
		h.readFields(b, r.Head, false)
	}
}

// readResponse reads the head of a response. An answer that only says to go on
// is followed by the one that counts (RFC 9110, section 15.2).
func (h *httpHead) readResponse(b []byte) Verdict {
	all := len(b) >= httpLimit
	for n := 0; ; n++ {
		r, s := httpmsg.ReadResponse(b)
		if s != httpmsg.Whole {
			switch {
			case n > 0:
				h.answeredAll = all || s == httpmsg.Bad && len(b) > 0
				return Match
			case s == httpmsg.Partial:
				return NeedMore
			}
			return No
		}
		h.status = r.Status
		end := httpmsg.End(b, r.Head)
		if r.Status/100 == 1 && r.Status != 101 && end > 0 && n < maxInterim {
			b = b[end:]
			continue
		}
		if end > 0 {
			h.answerBehind = b[end:]
		}
		h.answeredAll = all || end > 0 && r.Status/100 != 1 || r.Status == 101 && end > 0
		h.readFields(b, r.Head, true)
		if h.method == nil {
			h.contentType = h.answerType
		}
		return Match
	}
}

// readFields reads the fields that begin at off.
func (h *httpHead) readFields(b []byte, off int, response bool) {
	if off == 0 {
		return
	}
	for name, value, next := httpmsg.Header(b, off); next != 0; name, value, next = httpmsg.Header(b, next) {
		switch fieldOf(name) {
		case fieldHost:
			if !response {
				h.addHost(h.unfold(value))
			}
		case fieldUserAgent:
			if !response {
				h.userAgent = h.unfold(value)
			}
		case fieldServer:
			if response {
				h.server = h.unfold(value)
			}
		case fieldContentType:
			if response {
				h.answerType = h.unfold(value)
			} else {
				h.contentType = h.unfold(value)
			}
		case fieldUpgrade:
			if response {
				h.upgraded = h.unfold(value)
			} else {
				h.upgrade = h.unfold(value)
			}
		case fieldSOAPAction:
			h.soapAction = h.soapAction || !response
		case fieldIcy:
			h.icy = true
			h.shoutcast = h.shoutcast || httpmsg.Is(name, "icy-notice2") && httpmsg.HasPrefix(value, "shoutcast ")
		case fieldDAV:
			h.dav = h.dav || response
		case fieldAuthorization:
			if !response && httpmsg.HasPrefix(value, "basic ") {
				h.facts |= attr.Credentials // RFC 7617, section 4
			}
		case fieldContentLength:
			h.sized = h.sized || !response
		case fieldTransferEncoding:
			h.chunked = h.chunked || !response
		default:
			if !response {
				h.facts |= oddField(name)
			}
		}
	}
}

// addHost notes a field "Host". A request with two that differ is to be
// refused (RFC 9112, section 3.2), and who serves it is not told. The name and
// password that some put before the host are no part of it (RFC 9110, section 4.2.4).
func (h *httpHead) addHost(value []byte) {
	if h.hosts == 0 || !bytes.Equal(value, h.host) {
		h.hosts++
	}
	if h.host = value; h.hosts > 1 || bytes.IndexByte(value, '@') >= 0 {
		h.hosts, h.host = 2, nil
	}
}

// unfold gives a value in one line.
func (h *httpHead) unfold(value []byte) []byte {
	if bytes.IndexByte(value, '\n') < 0 || len(value) > cap(h.room)-len(h.room) {
		return value
	}
	at := len(h.room)
	h.room = httpmsg.Unfold(h.room, value)
	return h.room[at:]
}
