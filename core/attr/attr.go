// Package attr holds what a detector read out of a flow: a fixed list of
// attributes, and Set, which holds their values without allocating. The name
// of a key is its place in the flow object of an event, so a detector, the
// flow's memory and the event all speak of the same thing.
package attr

import (
	"encoding/binary"
	"math/bits"
)

// Form says how the bytes of a value appear in an event.
type Form uint8

// Forms of a value.
const (
	Text  Form = iota // a string; bytes that are no UTF-8 are replaced when it is written
	Hex               // lower-case hexadecimal digits of the bytes
	Hex16             // number, written as "0x%04x"
	Hex32             // number, written as "0x%08x"
	Uint              // number
	Bool              // true, where present
	IP                // 4 or 16 bytes, written as an address
	Addr              // 4 or 16 bytes and two of port, written as "192.0.2.1:53" or "[2001:db8::1]:53"
)

// Key names an attribute.
type Key uint8

// Info describes a key: flow.<Group>.<Name>, or flow.<Name> where Group is empty.
type Info struct {
	Group, Name string
	Form        Form
	List        bool // several values: a JSON array
	Limit       int  // bytes of a value, at most; longer text is cut
}

// Keys, in the order of their names in an event.
const (
	None Key = iota
	BTInfoHash
	BTClient
	DHCPClass
	DHCPFingerprint
	DNSHostName // dns_host_name: the name that a DNS answer gave to the other address
	DNSAnswers
	DNSQuery
	DNSRcode
	DNSType
	FTPBanner
	HostName // host_server_name
	HTTPMethod
	HTTPServer
	HTTPURL
	HTTPUserAgent
	IKEVersion
	KerberosRealm
	MailBanner
	MailSTARTTLS
	MDNSAnswer
	MQTTClientID
	MQTTVersion
	NTPVersion
	ProxyClient
	ProxyServer
	QUICUserAgent
	QUICVersion
	RDPCookie
	Risks // what is wrong with the flow, as bits of core/risk; no member of an event by itself
	RTPPayloadType
	RTPSSRC
	SIPUserAgent
	SMBDialect
	SMBNative
	SNMPVersion
	SSDPUserAgent
	SSHClient
	SSHClientHASSH
	SSHServer
	SSHServerHASSH
	TLSALPN
	TLSALPNServer
	TLSCipher
	TLSJA3
	TLSJA4
	TLSSNI
	TLSECH
	TLSECHVersion
	TLSFingerprint
	TLSIssuerDN
	TLSNotAfter
	TLSNotBefore
	TLSSANs
	TLSServerCN
	TLSJA3S
	TLSSubjectDN
	TLSVersion
	STUNMapped
	STUNOther
	STUNPeer
	STUNRelayed
	STUNResponse
	STUNSoftware
	VNCVersion
	Banner // service text of a protocol that has no object of its own
	numKeys
)

// Number is how many keys there are, None included.
const Number = int(numKeys)

var table = [Number]Info{
	BTClient:        {"bt", "client", Text, false, 64},
	BTInfoHash:      {"bt", "info_hash", Hex, false, 20},
	DHCPClass:       {"dhcp", "class_ident", Text, false, 96},
	DHCPFingerprint: {"dhcp", "fingerprint", Text, false, 255},
	DNSHostName:     {"", "dns_host_name", Text, false, 255},
	DNSAnswers:      {"dns", "answers", Text, true, 255},
	DNSQuery:        {"dns", "query", Text, false, 255},
	DNSRcode:        {"dns", "rcode", Uint, false, 8},
	DNSType:         {"dns", "type", Uint, false, 8},
	FTPBanner:       {"ftp", "banner", Text, false, 128},
	HostName:        {"", "host_server_name", Text, false, 255},
	HTTPMethod:      {"http", "method", Text, false, 16},
	HTTPServer:      {"http", "server", Text, false, 128},
	HTTPURL:         {"http", "url", Text, false, 512},
	HTTPUserAgent:   {"http", "user_agent", Text, false, 512},
	IKEVersion:      {"ike", "version", Text, false, 8},
	KerberosRealm:   {"kerberos", "realm", Text, false, 128},
	MailBanner:      {"mail", "banner", Text, false, 128},
	MailSTARTTLS:    {"mail", "starttls", Bool, false, 8},
	MDNSAnswer:      {"mdns", "answer", Text, false, 255},
	MQTTClientID:    {"mqtt", "client_id", Text, false, 128},
	MQTTVersion:     {"mqtt", "version", Text, false, 8},
	NTPVersion:      {"ntp", "version", Uint, false, 8},
	ProxyClient:     {"proxy", "client", Text, false, 64},
	ProxyServer:     {"proxy", "server", Text, false, 64},
	QUICUserAgent:   {"quic", "user_agent", Text, false, 255},
	QUICVersion:     {"quic", "version", Hex32, false, 8},
	RDPCookie:       {"rdp", "cookie", Text, false, 128},
	Risks:           {"", "", Uint, false, 8},
	RTPPayloadType:  {"rtp", "payload_type", Uint, false, 8},
	RTPSSRC:         {"rtp", "ssrc", Hex32, false, 8},
	SIPUserAgent:    {"sip", "user_agent", Text, false, 255},
	SMBDialect:      {"smb", "dialect", Text, false, 32},
	SMBNative:       {"smb", "native_os", Text, false, 128},
	SNMPVersion:     {"snmp", "version", Text, false, 8},
	SSDPUserAgent:   {"ssdp", "user-agent", Text, false, 255},
	SSHClient:       {"ssh", "client", Text, false, 255},
	SSHClientHASSH:  {"ssh", "client_hassh", Hex, false, 16},
	SSHServer:       {"ssh", "server", Text, false, 255},
	SSHServerHASSH:  {"ssh", "server_hassh", Hex, false, 16},
	TLSALPN:         {"ssl", "alpn", Text, true, 255},
	TLSALPNServer:   {"ssl", "alpn_server", Text, true, 255},
	TLSCipher:       {"ssl", "cipher_suite", Hex16, false, 8},
	TLSJA3:          {"ssl", "client_ja3", Hex, false, 16},
	TLSJA4:          {"ssl", "client_ja4", Text, false, 40},
	TLSSNI:          {"ssl", "client_sni", Text, false, 255},
	TLSECH:          {"ssl", "ech", Text, false, 16},
	TLSECHVersion:   {"ssl", "encrypted_ch_version", Hex16, false, 8},
	TLSFingerprint:  {"ssl", "fingerprint", Hex, false, 20},
	TLSIssuerDN:     {"ssl", "issuer_dn", Text, false, 512},
	TLSNotAfter:     {"ssl", "not_after", Uint, false, 8},
	TLSNotBefore:    {"ssl", "not_before", Uint, false, 8},
	TLSSANs:         {"ssl", "sans", Text, true, 255},
	TLSServerCN:     {"ssl", "server_cn", Text, false, 255},
	TLSJA3S:         {"ssl", "server_ja3", Hex, false, 16},
	TLSSubjectDN:    {"ssl", "subject_dn", Text, false, 512},
	TLSVersion:      {"ssl", "version", Hex16, false, 8},
	STUNMapped:      {"stun", "mapped", Addr, false, 18},
	STUNOther:       {"stun", "other", Addr, false, 18},
	STUNPeer:        {"stun", "peer", Addr, false, 18},
	STUNRelayed:     {"stun", "relayed", Addr, false, 18},
	STUNResponse:    {"stun", "response", Addr, false, 18},
	STUNSoftware:    {"stun", "software", Text, false, 128},
	VNCVersion:      {"vnc", "version", Text, false, 16},
	Banner:          {"service", "banner", Text, false, 128},
}

// Info describes the key.
func (k Key) Info() Info { return table[k] }

// Size is the room for values in a Set, in bytes.
const Size = 6144

// header of a value: key, length (2), offset of the next value of the same list (2).
const header = 5

// Set holds values of attributes in the order they were put. The zero Set is
// empty and ready. It never allocates; a value that does not fit is left out.
type Set struct {
	have  [2]uint64       // keys with a value, by rank
	first [numKeys]uint16 // offset of the first value of a key that have names
	last  [numKeys]uint16
	used  int
	buf   [Size]byte
}

// Reset forgets every value.
func (s *Set) Reset() {
	s.have = [2]uint64{}
	s.used = 0
}

// Empty says that no value was put.
func (s *Set) Empty() bool { return s.used == 0 }

// Has says that the key has a value.
func (s *Set) Has(k Key) bool { return s.have[rank[k&127]>>6&1]&(1<<(rank[k&127]&63)) != 0 }

// Mask is a set of keys, to ask for several at once.
type Mask [2]uint64

// MaskOf is the mask of keys.
func MaskOf(keys ...Key) (m Mask) {
	for _, k := range keys {
		m[rank[k]>>6] |= 1 << (rank[k] & 63)
	}
	return m
}

// HasAny says that one of the keys has a value.
func (s *Set) HasAny(m *Mask) bool { return s.have[0]&m[0]|s.have[1]&m[1] != 0 }

// Fold joins what a table says of each key that has a value.
func (s *Set) Fold(table *[Number]uint64) (all uint64) {
	for w, set := range s.have {
		for ; set != 0; set &= set - 1 {
			all |= table[keyAt[w<<6+bits.TrailingZeros64(set)]]
		}
	}
	return all
}

func (s *Set) room(k Key, n int) []byte {
	at := s.used
	if at < 0 || n < 0 || n > Size-header-at {
		return nil
	}
	p := s.buf[at:]
	s.used = at + header + n
	h := (*[header]byte)(p)
	h[0], h[1], h[2], h[3], h[4] = byte(k), byte(n>>8), byte(n), 0, 0
	w, bit := &s.have[rank[k&127]>>6&1], uint64(1)<<(rank[k&127]&63)
	if *w&bit != 0 && lists[k&127] {
		binary.BigEndian.PutUint16(s.buf[int(s.last[k])+3:], uint16(at+1))
	} else {
		s.first[k] = uint16(at)
		*w |= bit
	}
	s.last[k] = uint16(at)
	return p[header : header+n]
}

// lists and numbers are what table says of each key, where it is found fast;
// so are limits, and rank in pack.go.
var lists, numbers, limits = func() (lists, numbers [128]bool, limits [128]int) {
	for k, i := range table {
		lists[k], limits[k] = i.List, i.Limit
		numbers[k] = i.Form == Hex16 || i.Form == Hex32 || i.Form == Uint || i.Form == Bool
	}
	return lists, numbers, limits
}()

// Put sets the value of k, or adds one where k is a list. v is copied, cut to the key's limit.
func (s *Set) Put(k Key, v []byte) {
	if n := limits[k&127]; len(v) > n {
		v = v[:n]
	}
	if p := s.room(k, len(v)); p != nil {
		copy(p, v)
	}
}

// PutString is Put for text that is a string.
func (s *Set) PutString(k Key, v string) {
	if n := table[k].Limit; len(v) > n {
		v = v[:n]
	}
	if p := s.room(k, len(v)); p != nil {
		copy(p, v)
	}
}

// PutUint sets a number (forms Hex16, Hex32, Uint and Bool).
func (s *Set) PutUint(k Key, v uint64) {
	if p := s.room(k, 8); p != nil {
		binary.BigEndian.PutUint64(p, v)
	}
}

// Drop forgets the values of k; their room stays taken until Reset.
func (s *Set) Drop(k Key) { s.have[rank[k]>>6] &^= 1 << (rank[k] & 63) }

// Get is the first value of k, nil where there is none. It is valid until Reset.
func (s *Set) Get(k Key) []byte {
	if !s.Has(k) {
		return nil
	}
	return s.value(int(s.first[k]))
}

// Number is the value of k as a number; false where there is none.
func (s *Set) Number(k Key) (uint64, bool) {
	v := s.Get(k)
	if len(v) != 8 {
		return 0, false
	}
	return binary.BigEndian.Uint64(v), true
}

// Next gives the value of k that follows after at in a list: begin with at 0,
// pass what came back, stop when it is 0. v is valid until Reset.
func (s *Set) Next(k Key, at int) (v []byte, next int) {
	if at == 0 {
		if !s.Has(k) {
			return nil, 0
		}
		at = int(s.first[k]) + 1
	} else {
		next, _ := s.after(at - 1)
		at = next + 1
	}
	if at == 0 {
		return nil, 0
	}
	return s.value(at - 1), at
}

// after is the offset of the value that follows in a list; false and -1 at its end.
func (s *Set) after(at int) (next int, ok bool) {
	next = (int(s.buf[at+3])<<8 | int(s.buf[at+4])) - 1
	return next, next >= 0
}

func (s *Set) value(at int) []byte {
	n := int(s.buf[at+1])<<8 | int(s.buf[at+2])
	return s.buf[at+header : at+header+n]
}

// read is the value at an offset, and the offset plus one of the next of its list.
func (s *Set) read(at int) (v []byte, next int) {
	p := s.buf[at:]
	h := binary.BigEndian.Uint32(p[1:header])
	return p[header : header+h>>16], int(h & 0xffff)
}
