package detect

import (
	"bytes"
	"net/netip"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

// The PROXY protocol (haproxy.org, "The PROXY protocol Versions 1 & 2",
// section 2): what a proxy says of a connection before it hands it on.
// The flow is what the connection carries, where that is known.
var haproxyCard = Protocol{ID: proto.HAProxy, Over: TCP, Limit: tlsLimit, Inspect: inspectHAProxy}

func inspectHAProxy(in *Input, res *Result) Verdict {
	if len(in.ToServer) == 0 && len(in.ToClient) > 0 {
		return No
	}
	v := max(proxyVersion1(in.ToServer), proxyVersion2(in.ToServer))
	if v == Match {
		behindProxy(in, res)
	}
	return v
}

// behindProxy reads what follows the proxy's words.
func behindProxy(in *Input, res *Result) {
	head := 0
	if b := in.ToServer; b[0] == 'P' {
		head = bytes.IndexByte(b, '\n') + 1
	} else if n := 16 + int(be16(b[14:])); n <= len(b) {
		head = n
	}
	if head == 0 {
		res.More = true
		return
	}
	words := in.ToServer[:head]
	carried(in, head, res)
	putProxy(words, res)
}

// carried asks every card about what follows the proxy's words.
func carried(in *Input, head int, res *Result) {
	outer, known := in.ToServer, in.Known
	if in.ToServer, in.Known = outer[head:], false; len(in.ToServer)+len(in.ToClient) == 0 {
		res.More = true
	} else if in.deep == 0 { // a proxy before a proxy is left alone
		cards := Open(TCP)
		in.deep++
		if v, _ := Inspect(in, &cards, res); v != Match {
			res.Reset(proto.HAProxy)
			res.More = v == NeedMore
		}
		in.deep--
	}
	in.ToServer, in.Known = outer, known
}

func proxyVersion1(b []byte) Verdict {
	if v := begins(b, "PROXY UNKNOWN"); v != No {
		return v
	}
	if v := max(begins(b, "PROXY TCP4 "), begins(b, "PROXY TCP6 ")); v != Match {
		return v
	}
	const longest = 107 // section 2.1
	for i, c := range b[11:] {
		switch {
		case c == '\r':
			return Match
		case i > longest, c != ' ' && c != '.' && c != ':' && hexDigit(c) < 0:
			return No
		}
	}
	return NeedMore
}

func proxyVersion2(b []byte) Verdict {
	if v := begins(b, "\r\n\r\n\x00\r\nQUIT\n"); v != Match {
		return v
	}
	if len(b) > 12 && b[12] != 0x20 && b[12] != 0x21 {
		return No
	}
	if len(b) < 16 {
		return NeedMore
	}
	return Match
}

// putProxy puts the addresses that the proxy's words announce.
func putProxy(b []byte, res *Result) {
	if b[0] == 'P' { // PROXY TCP4 SOURCE DESTINATION SOURCEPORT DESTINATIONPORT
		words := bytes.TrimRight(b, "\r\n")
		_, words = cutWord(words)
		_, words = cutWord(words)
		var w [4][]byte
		for i := range w {
			if w[i], words = cutWord(words); len(w[i]) == 0 || len(w[i]) > 45 {
				return
			}
		}
		putEndpoint(attr.ProxyClient, w[0], w[2], res)
		putEndpoint(attr.ProxyServer, w[1], w[3], res)
		return
	}
	const ipv4, ipv6 = 1, 2
	n := 0
	switch b[13] >> 4 {
	case ipv4:
		n = 4
	case ipv6:
		n = 16
	}
	if n == 0 || len(b) < 16+2*n+4 {
		return
	}
	var text [2][64]byte
	for i, key := range [2]attr.Key{attr.ProxyClient, attr.ProxyServer} {
		a, ok := netip.AddrFromSlice(b[16+i*n : 16+i*n+n])
		if !ok {
			return
		}
		res.Put(key, netip.AddrPortFrom(a, uint16(be16(b[16+2*n+2*i:]))).AppendTo(text[i][:0]))
	}
}

// putEndpoint puts "ADDRESS:PORT", an IPv6 address in brackets.
func putEndpoint(key attr.Key, addr, port []byte, res *Result) {
	text := res.Scratch[:0]
	if bytes.IndexByte(addr, ':') >= 0 {
		text = append(append(append(text, '['), addr...), ']')
	} else {
		text = append(text, addr...)
	}
	res.Put(key, append(append(text, ':'), port...))
}
