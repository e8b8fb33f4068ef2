package detect

import "bytes"

// httpDNSName is the name that a program asks its vendor's resolver for over
// plain HTTP, which apps in China do ("HTTPDNS"): the host is an address, the
// path ends in d, sign_d or resolve, and the query has the name as host or dn
// (help.aliyun.com/document_detail/30137.html, cloud.tencent.com/document/product/379/3524).
// Of several names it is the first. nil: the request is none of these.
func httpDNSName(h *httpHead) []byte {
	if len(h.host) == 0 || h.host[0] < '0' || h.host[0] > '9' || !isIPv4Literal(withoutPort(h.host)) { // nearly every host is a name
		return nil
	}
	path, query, ok := bytes.Cut(h.target, []byte{'?'})
	if !ok {
		return nil
	}
	switch string(path[bytes.LastIndexByte(path, '/')+1:]) {
	case "d", "sign_d", "resolve":
	default:
		return nil
	}
	for len(query) > 0 {
		var field []byte
		field, query, _ = bytes.Cut(query, []byte{'&'})
		key, value, _ := bytes.Cut(field, []byte{'='})
		if string(key) != "host" && string(key) != "dn" {
			continue
		}
		if name, _, _ := bytes.Cut(value, []byte{','}); isDomain(name) {
			return name
		}
	}
	return nil
}

// isIPv4Literal says that b has the shape of an IPv4 address.
func isIPv4Literal(b []byte) bool {
	for _, c := range b {
		if c != '.' && (c < '0' || c > '9') {
			return false
		}
	}
	return bytes.Count(b, []byte{'.'}) == 3
}
