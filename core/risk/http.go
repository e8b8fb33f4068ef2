package risk

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

// hasNumericHost looks at what stands before the path. Devices of a network
// find each other by address in SSDP, which is another protocol.
func hasNumericHost(in *Input) bool {
	switch in.Proto {
	case proto.HTTP, proto.HTTPConnect, proto.HTTPProxy, proto.Websocket:
	default:
		return false
	}
	u := in.Set.Get(attr.HTTPURL) // the host stands in front
	end := 0
	for end < len(u) && u[end] != '/' && u[end] != '?' {
		end++
	}
	return isAddress(u[:end])
}

// isAddress reads an address with or without a port, in brackets if it is IPv6's.
func isAddress(host []byte) bool {
	if len(host) == 0 || host[0] != '[' && (host[0] < '0' || host[0] > '9') || len(host) > 64 {
		return false
	}
	if host[0] == '[' { // IPv6 (RFC 3986, section 3.2.2): nothing else stands in brackets
		return len(host) > 3
	}
	dots, n := 0, -1
	for _, c := range host {
		switch {
		case '0' <= c && c <= '9':
			if n = max(n, 0)*10 + int(c-'0'); n > 255 {
				return false
			}
		case c == '.' && n >= 0:
			dots, n = dots+1, -1
		case c == ':' && dots == 3 && n >= 0:
			return true
		default:
			return false
		}
	}
	return dots == 3 && n >= 0
}
