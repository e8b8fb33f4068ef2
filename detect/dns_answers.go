package detect

import (
	"net/netip"

	"netifyd/core/attr"
	"netifyd/detect/internal/dnsmsg"
)

// putAnswerTexts puts the first of n records at off in the words of a zone file.
func putAnswerTexts(msg []byte, off, n int, res *Result) {
	for put := 0; n > 0 && put < maxDNSAnswers; n-- {
		r, next, ok := dnsmsg.ReadRecord(msg, off)
		if !ok {
			return
		}
		off = next
		if text := answerText(msg, r, res.Scratch[:512]); len(text) > 0 {
			res.Put(attr.DNSAnswers, text)
			put++
		}
	}
}

// answerText is the data of a record as text, in room; empty for types that are not read.
func answerText(msg []byte, r dnsmsg.Record, room []byte) []byte {
	name := r.Data
	switch r.Type {
	case dnsmsg.A, dnsmsg.AAAA:
		if addr, ok := netip.AddrFromSlice(msg[r.Data : r.Data+r.Len]); ok {
			return addr.AppendTo(room[:0])
		}
		return nil
	case dnsmsg.TXT:
		if r.Len < 1 || int(msg[r.Data]) >= r.Len {
			return nil
		}
		return msg[r.Data+1 : r.Data+1+int(msg[r.Data])]
	case dnsmsg.MX:
		name += 2
	case dnsmsg.SRV:
		name += 6
	case dnsmsg.NS, dnsmsg.CNAME, dnsmsg.PTR:
	default:
		return nil
	}
	if text, ok := dnsmsg.Text(room[:dnsmsg.MaxName], msg, name); ok {
		return text
	}
	return nil
}

// putAddresses gives the addresses of the name at offset owner out of n records
// at off, following aliases; addresses of other names are left out.
func putAddresses(msg []byte, off, n, owner int, res *Result) {
	for range maxAliases {
		alias, at := -1, off
		for range n {
			r, next, ok := dnsmsg.ReadRecord(msg, at)
			if !ok {
				break
			}
			at = next
			if r.Class != 1 || !dnsmsg.Same(msg, r.Name, owner) {
				continue
			}
			switch {
			case r.Type == dnsmsg.HTTPS || r.Type == dnsmsg.SVCB:
				if s, ok := dnsmsg.ReadService(msg, r); ok {
					if s.Alias && alias < 0 {
						alias = s.Target
					}
					putAddressList(s.IPv4, 4, r.TTL, res)
					putAddressList(s.IPv6, 16, r.TTL, res)
				}
			case r.Type == dnsmsg.CNAME:
				alias = r.Data
			case r.Type == dnsmsg.A && r.Len == 4, r.Type == dnsmsg.AAAA && r.Len == 16:
				putAddress(msg[r.Data:r.Data+r.Len], r.TTL, res)
			}
		}
		if alias < 0 || res.NAnswers > 0 {
			return
		}
		owner = alias
	}
}

// putAddressList gives addresses that stand one after the other.
func putAddressList(list []byte, size int, ttl uint32, res *Result) {
	for ; len(list) >= size; list = list[size:] {
		putAddress(list[:size], ttl, res)
	}
}

func putAddress(addr []byte, ttl uint32, res *Result) {
	if res.NAnswers == MaxAnswers {
		return
	}
	a := &res.Answers[res.NAnswers]
	*a = Answer{V6: len(addr) == 16, TTL: ttl}
	copy(a.Addr[:], addr)
	res.NAnswers++
}
