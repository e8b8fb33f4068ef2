package detect

import (
	"bytes"

	"netifyd/core/proto"
	"netifyd/detect/internal/dnsmsg"
)

// Lengths of DNSCrypt messages (draft-denis-dprive-dnscrypt, section 3).
const (
	dnscryptNonce    = 40           // offset of the client's nonce: magic (8) and public key (32) go before it
	dnscryptQuery    = 40 + 12 + 16 // shortest query: nonce (12) and authentication tag (16)
	dnscryptResponse = 8 + 24 + 16  // shortest response: magic, both nonces, authentication tag
)

// dnscryptMagic begins every response.
var dnscryptMagic = []byte("r6fnvWj8")

// DNSCrypt versions 1 and 2 (https://dnscrypt.info/protocol,
// draft-denis-dprive-dnscrypt). A query begins with eight bytes that each
// resolver chooses and is sealed from there on; the response proves it: its
// magic, and the nonce of the query given back. The certificates are asked for
// by ordinary DNS messages for the name "2.dnscrypt-cert.…", which the DNS
// card reads and gives to this protocol.
var dnscryptCard = Protocol{
	ID: proto.DNSCrypt, Over: TCP | UDP, Limit: 2048, Inspect: inspectDNSCrypt,
}

func inspectDNSCrypt(in *Input, _ *Result) Verdict {
	query, response := in.ToServer, in.ToClient
	if in.Over == TCP {
		var v Verdict
		if query, v = dnscryptFrame(query, dnscryptQuery); v == No {
			return No
		}
		if response, v = dnscryptFrame(response, dnscryptResponse); v == No {
			return No
		}
	} else if !in.FromServer && (!isPadded(in.size(query)) || !isEarly(in)) {
		return No
	}
	n := min(len(response), len(dnscryptMagic))
	if !bytes.Equal(response[:n], dnscryptMagic[:n]) {
		return No
	}
	switch {
	case len(response) >= dnscryptResponse && len(query) >= dnscryptQuery && in.Over == TCP:
		if !bytes.Equal(response[8:20], query[dnscryptNonce:dnscryptNonce+12]) {
			return No
		}
		return Match
	case len(response) >= dnscryptResponse:
		return Match
	case in.Over == UDP && in.FromServer:
		return No
	}
	return NeedMore
}

// isPadded knows the lengths of queries over UDP: at least 256 bytes, padded
// to a multiple of 64 either as a whole or before the tag is added.
func isPadded(n int) bool {
	return n >= 256 && (n%64 == 0 || n%64 == dnscryptQuery%64)
}

// isEarly says that a flow has no more than three datagrams yet: a question
// that waits longer for its answer would keep others from being asked.
func isEarly(in *Input) bool {
	n := 0
	for d, _, at := in.Datagram(0); d != nil; d, _, at = in.Datagram(at) {
		n++
	}
	return n <= 3
}

// dnscryptFrame is the first message of a stream without the length before it.
// Queries are padded to at least 256 bytes over TCP too, and resolvers refuse more than 4096.
func dnscryptFrame(s []byte, least int) ([]byte, Verdict) {
	if len(s) < 2 {
		return nil, NeedMore
	}
	length := int(dnsLength(s))
	if length < least || length > 4096 {
		return nil, No
	}
	return s[2:min(len(s), 2+length)], NeedMore
}

// isDNSCryptCertificate says that a question asks for a resolver's certificates.
func isDNSCryptCertificate(name []byte, qtype uint16) bool {
	const suffix = ".dnscrypt-cert."
	return qtype == dnsmsg.TXT && len(name) > 1+len(suffix) && (name[0] == '1' || name[0] == '2') &&
		string(name[1:1+len(suffix)]) == suffix
}
