package detect

import (
	"netifyd/core/attr"
	"netifyd/detect/internal/tlsmsg"
	"netifyd/detect/internal/x509min"
)

// helloFacts is what a whole ClientHello lacks: the name of the server (RFC
// 6066, section 3) and, from version 1.2 on, that of a protocol (RFC 7301), or
// the negotiation of next protocols that went before it.
func helloFacts(h *tlsmsg.ClientHello) (facts attr.Facts) {
	const serverName, alpn, nextProtocol = 0, 16, 13172
	if _, found := h.Extensions.Find(serverName); !found {
		facts |= attr.NoServerName
	}
	if h.Version >= 0x0303 && h.Version <= 0x0304 {
		_, found := h.Extensions.Find(alpn)
		if _, next := h.Extensions.Find(nextProtocol); !found && !next {
			facts |= attr.NoALPN
		}
	}
	return facts
}

// noteAlert notes an alert that ended the handshake.
func (r *Result) noteAlert(f *tlsmsg.Flight) {
	if f.Fatal {
		r.Facts |= attr.FatalAlert
	}
}

// judgeName compares the names of a whole certificate with that which the
// client asked for (RFC 9525, section 6.3): the common name counts where there
// is no other.
func judgeName(res *Result) {
	asked := res.Get(attr.TLSSNI)
	if !res.wholeLeaf || len(asked) == 0 || isNumeric(asked) {
		return
	}
	any := false
	for names := res.names; ; {
		kind, name, rest := x509min.NextName(names)
		if kind == 0 {
			break
		}
		if names = rest; kind != x509min.DNSName {
			continue
		}
		if any = true; certifies(name, asked) {
			return
		}
	}
	if any || !certifies(res.Get(attr.TLSServerCN), asked) {
		res.Facts |= attr.OtherName
	}
}

// certifies says that a name of a certificate covers a host: in any case of
// letters, with a first label that may stand for any one label.
func certifies(name, host []byte) bool {
	if n := len(host); n > 0 && host[n-1] == '.' {
		host = host[:n-1]
	}
	if len(name) > 2 && name[0] == '*' && name[1] == '.' {
		at := 0
		for at < len(host) && host[at] != '.' {
			at++
		}
		name, host = name[1:], host[at:]
	}
	if len(name) != len(host) || len(name) == 0 {
		return false
	}
	for i := range name {
		if upper(name[i]) != upper(host[i]) {
			return false
		}
	}
	return true
}

// isNumeric says that a client named an address, which RFC 6066 does not allow
// and no name of a certificate can cover.
func isNumeric(host []byte) bool {
	for _, c := range host {
		if c != '.' && c != ':' && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
