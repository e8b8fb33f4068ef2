package detect

import (
	"bytes"

	"netifyd/core/proto"
)

// A request whose target is a whole URL goes to a proxy (RFC 9112, section 3.2.2).
var httpProxyCard = Protocol{
	ID: proto.HTTPProxy, Over: TCP, Ports: []uint16{3128}, Limit: httpLimit,
	Inspect: func(in *Input, res *Result) Verdict {
		return inspectHTTPAs(in, res, proto.HTTPProxy)
	},
}

func isAbsolute(target []byte) bool {
	return len(target) > 0 && target[0] != '/' && bytes.Contains(target[:min(len(target), 16)], []byte("://"))
}

// authority splits what follows "://" in a URL into host with port, and the
// rest. Name and password before the host are left out (RFC 3986, section 3.2.1).
func authority(url []byte) (host, rest []byte) {
	end := bytes.IndexAny(url, "/?#")
	if end < 0 {
		end = len(url)
	}
	return url[bytes.LastIndexByte(url[:end], '@')+1 : end], url[end:]
}
