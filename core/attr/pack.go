package attr

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// order of keeping: what a person asks for first comes first, so that a short
// budget cuts the rest. TLSJA3 stands behind all else that a client's hello
// tells: where it was kept, so were the others.
var order = [...]Key{
	HostName, Risks, DNSHostName, TLSVersion, TLSCipher, QUICVersion, TLSSNI, TLSJA4, TLSALPNServer, SSHClient, SSHServer,
	DHCPFingerprint, DHCPClass, HTTPUserAgent, QUICUserAgent, BTInfoHash, MDNSAnswer, SSDPUserAgent,
	TLSServerCN, DNSQuery, DNSType, DNSRcode, HTTPURL, TLSALPN, TLSECH, TLSECHVersion, TLSJA3, TLSJA3S, TLSFingerprint,
}

// rank is the place of a key in the order of keeping, keyAt the key at a place:
// those of order first, then the others. Set.have has room for as many.
var rank, keyAt = func() (rank, keyAt [128]Key) {
	n := Key(0)
	put := func(k Key) {
		if keyAt[rank[k]] != k || n == 0 {
			rank[k], keyAt[n] = n, k
			n++
		}
	}
	for _, k := range order {
		put(k)
	}
	for k := Key(1); k < numKeys; k++ {
		put(k)
	}
	return rank, keyAt
}()

// AppendPacked appends the values of s to dst in a compact form that Unpack
// reads, most important first: Size bytes at most. A value that equals the host
// name takes two bytes.
func (s *Set) AppendPacked(dst []byte) []byte {
	dst = slices.Grow(dst, s.used) // no value is longer packed than it is held
	to, out := len(dst), dst[:cap(dst)]
	host := s.Get(HostName)
	for w, set := range s.have {
		for ; set != 0; set &= set - 1 {
			k := keyAt[(w<<6+bits.TrailingZeros64(set))&127]
			for next := int(s.first[k]) + 1; next != 0; {
				var v []byte
				v, next = s.read(next - 1)
				n := min(len(v), 255)
				switch {
				case numbers[k&127]:
					v = v[min(7, bits.LeadingZeros64(binary.BigEndian.Uint64(v))/8):]
					n = len(v)
				case n == 0:
					continue
				case n == len(host) && k != HostName && string(v) == string(host):
					n = 0
				}
				p := out[to : to+2+n]
				p[0], p[1] = byte(k), byte(n)
				if n == 1 {
					p[2] = v[0]
				} else {
					copy(p[2:], v)
				}
				to += len(p)
			}
		}
	}
	return out[:to]
}

// Cut makes what AppendPacked wrote limit bytes long at most: values fall off
// its end, where they are least important.
func Cut(packed []byte, limit int) []byte {
	for at := 0; at+2 <= len(packed); {
		size := 2 + int(packed[at+1])
		if at+size > limit {
			return packed[:at]
		}
		at += size
	}
	return packed
}

// Unpack resets s and fills it with what AppendPacked wrote. It stops at the
// first byte that is no key.
func (s *Set) Unpack(b []byte) {
	s.Reset()
	for len(b) >= 2 {
		k, n := Key(b[0]), int(b[1])
		if k == None || k >= numKeys || len(b) < 2+n {
			return
		}
		v := b[2 : 2+n]
		b = b[2+n:]
		switch {
		case numbers[k]:
			var x uint64
			for _, c := range v {
				x = x<<8 | uint64(c)
			}
			s.PutUint(k, x)
		case n == 0:
			s.Put(k, s.Get(HostName))
		default:
			s.Put(k, v)
		}
	}
}

// Packed is the text of one key of what AppendPacked wrote, without unpacking
// the rest; nil where there is none, empty where it is that of HostName. It is part of b.
func Packed(b []byte, key Key) []byte {
	for len(b) >= 2 {
		k, n := Key(b[0]), int(b[1])
		if k == None || k >= numKeys || len(b) < 2+n {
			return nil
		}
		if k == key {
			return b[2 : 2+n]
		}
		b = b[2+n:]
	}
	return nil
}

// PackedNumber is the number of one key of what AppendPacked wrote, without
// unpacking the rest; 0 where there is none.
func PackedNumber(b []byte, key Key) (x uint64) {
	for _, c := range Packed(b, key) {
		x = x<<8 | uint64(c)
	}
	return x
}
