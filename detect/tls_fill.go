package detect

import (
	"net/netip"

	"netifyd/core/attr"
	"netifyd/detect/internal/tlsmsg"
	"netifyd/detect/internal/x509min"
)

// How much of each direction an engine keeps at most; More ends there.
const (
	tlsClientBytes = 4096
	tlsServerBytes = 8192
)

// fillTLS reads both directions of a stream that begins with a hello. A whole
// hello that was told before is not read again, unless the server's retry
// gives its parts another meaning.
func fillTLS(c, s []byte, oc opening, res *Result) {
	half := len(res.Scratch) / 2
	told := oc == openClientHello && res.Has(attr.TLSJA3)
	if told && res.Has(attr.TLSFingerprint) { // an earlier call saw all of the server's certificate
		f, g := tlsmsg.Join(c, res.Scratch[:half]), tlsmsg.Join(s, res.Scratch[half:])
		res.noteAlert(&f)
		res.noteAlert(&g)
		res.serverEnded = g.Ended
		awaitTrust(&f, s, res)
		return
	}
	res.names, res.wholeLeaf = nil, false
	server, serverDone := fillServer(s, res.Scratch[half:], res)
	if told && !server.Retried {
		version, _ := res.Number(attr.TLSVersion)
		fillVersion(uint16(version), &server, res)
		judgeName(res)
		f := tlsmsg.Join(c, res.Scratch[:half])
		res.noteAlert(&f)
		res.More = !serverDone
		awaitTrust(&f, s, res)
		return
	}
	forget(res, attr.TLSALPN, attr.TLSECH, attr.TLSECHVersion)
	clientDone, version := true, uint16(0)
	said := tlsmsg.Flight{Ended: true}
	var hello tlsmsg.ClientHello
	var retried tlsmsg.Message
	switch oc {
	case openSSLv2:
		version, _ = tlsmsg.SSLv2Hello(c)
	case openClientHello:
		said = tlsmsg.Join(c, res.Scratch[:half])
		res.noteAlert(&said)
		m, rest, _ := tlsmsg.Next(said.Messages)
		hello, _ = tlsmsg.ParseClientHello(m, false)
		version = hello.Version
		clientDone = m.Whole || said.Ended || len(c) >= tlsClientBytes
		retried, _, _ = tlsmsg.Next(rest)
	}
	if oc == openClientHello {
		fillClientHello(&hello, 't', res)
		fillECH(&hello, retried, server.Retried, res)
	}
	fillVersion(version, &server, res)
	judgeName(res)
	res.More = !clientDone || !serverDone
	awaitTrust(&said, s, res)
}

// awaitTrust waits for what the client says of a certificate where all else was
// read: its key, or an alert that it does not trust the server. A server that
// talks on saw the key, though its capture did not.
func awaitTrust(client *tlsmsg.Flight, s []byte, res *Result) {
	if !res.More && res.Has(attr.TLSNotAfter) && !client.Ended && len(s) < tlsServerBytes && !res.serverEnded && isFirst(client.Messages) {
		res.More, res.Awaits = true, tlsmsg.Alert
	}
}

// isFirst says that the messages of a flight are its first one alone.
func isFirst(messages []byte) bool {
	_, rest, ok := tlsmsg.Next(messages)
	return ok && len(rest) == 0
}

// fillVersion puts the version negotiated and the cipher, or, as long as the
// server has said nothing, the version of the client's hello and cipher 0.
func fillVersion(client uint16, server *tlsmsg.ServerHello, res *Result) {
	if server.Version != 0 {
		client = server.Version
	}
	res.PutUint(attr.TLSVersion, uint64(client))
	res.PutUint(attr.TLSCipher, uint64(server.Cipher))
}

// fillClientHello puts what a client's hello tells.
func fillClientHello(h *tlsmsg.ClientHello, carrier byte, res *Result) {
	if name := h.Extensions.ServerName(); len(name) > 0 {
		res.Put(attr.TLSSNI, name)
		putHost(res, name)
	}
	fillALPN(h.Extensions, attr.TLSALPN, res)
	if sum, ok := h.JA3(&res.ja3s); ok {
		res.Put(attr.TLSJA3, sum[:])
		res.Facts |= helloFacts(h)
	}
	if sum, ok := h.JA4(carrier, &res.ja4s); ok {
		res.Put(attr.TLSJA4, sum[:])
	}
}

// maxALPN bounds the names of ALPN that an event tells.
const maxALPN = 8

func fillALPN(e tlsmsg.Extensions, key attr.Key, res *Result) {
	list := e.Protocols()
	for range maxALPN {
		name, rest := tlsmsg.NextProtocol(list)
		if len(name) == 0 {
			return
		}
		if isText(name) && name[0] < 0x80 { // else GREASE
			res.Put(key, name)
		}
		list = rest
	}
}

// fillECH puts what is seen of Encrypted Client Hello; second is what the
// client said after its hello, which counts only if the server asked for it.
func fillECH(h *tlsmsg.ClientHello, second tlsmsg.Message, retry bool, res *Result) {
	ech := h.ECH()
	if retry && second.Type == tlsmsg.ClientHelloType && second.Whole {
		if again, ok := tlsmsg.ParseClientHello(second, false); ok {
			ech = tlsmsg.ECHAfterRetry(h, &again)
		}
	}
	if ech.Version == 0 {
		return
	}
	res.PutUint(attr.TLSECHVersion, uint64(ech.Version))
	if ech.Offered {
		res.PutString(attr.TLSECH, "offered")
		res.Drop(attr.HostName) // the name is the front server's, not the site's
	} else {
		res.PutString(attr.TLSECH, "grease")
	}
}

// forget drops what an earlier call put and this one puts again: a list would grow.
func forget(res *Result, keys ...attr.Key) {
	for _, k := range keys {
		res.Drop(k)
	}
}

// fillServer reads the server's direction of a stream and says whether nothing more is to come in the clear.
func fillServer(s, scratch []byte, res *Result) (hello tlsmsg.ServerHello, done bool) {
	if len(s) == 0 {
		return hello, false
	}
	f := tlsmsg.Join(s, scratch)
	res.noteAlert(&f)
	res.serverEnded = f.Ended
	done = f.Ended || len(s) >= tlsServerBytes
	rest := f.Messages[:f.Clear]
	for at := 0; ; {
		m, after, ok := tlsmsg.Next(rest)
		if !ok {
			break
		}
		if m.Whole {
			at += 4 + len(m.Body)
		}
		switch m.Type {
		case tlsmsg.ServerHelloType:
			if h, ok := tlsmsg.ParseServerHello(m); ok && (h.Whole || done) {
				h.Retried = hello.Retried || h.Retry
				hello = h
				if m.Whole && h.Retry { // what follows the ChangeCipherSpec is in the clear still
					after = f.Messages[at:]
				}
			}
		case tlsmsg.CertificateType:
			done = fillLeaf(m, res) || m.Whole || done
		case tlsmsg.ServerHelloDone:
			done = true
		}
		if rest = after; !m.Whole {
			break
		}
	}
	if hello.Version != 0 {
		fillServerHello(&hello, res)
		done = done || tlsmsg.Is13(hello.Version) && !hello.Retry
	}
	return hello, done
}

func fillServerHello(h *tlsmsg.ServerHello, res *Result) {
	if sum, ok := h.JA3S(&res.ja3s); ok {
		res.Put(attr.TLSJA3S, sum[:])
	}
	forget(res, attr.TLSALPNServer)
	fillALPN(h.Extensions, attr.TLSALPNServer, res)
}

// Limits of what is told of a certificate.
const (
	maxDN   = 512
	maxSANs = 8
)

// fillLeaf puts the server's own certificate, as far as it is there, and says
// whether it is whole: those of its issuers are not wanted.
func fillLeaf(m tlsmsg.Message, res *Result) (whole bool) {
	der, whole, ok := tlsmsg.Leaf(m)
	if !ok || !whole && (res.Has(attr.TLSSubjectDN) || res.Has(attr.HostName)) {
		return whole // a part is worth reading where nothing else names the server
	}
	cert, ok := x509min.Parse(der)
	if !ok {
		return whole
	}
	if whole {
		sum := res.certs.SHA1(der)
		res.Put(attr.TLSFingerprint, sum[:])
	}
	var room [maxDN]byte
	putText(attr.TLSIssuerDN, x509min.AppendDN(room[:0], cert.Issuer), res)
	putText(attr.TLSSubjectDN, x509min.AppendDN(room[:0], cert.Subject), res)
	putText(attr.TLSServerCN, x509min.AppendCommonName(room[:0], cert.Subject), res)
	if cert.NotBefore != 0 {
		res.PutUint(attr.TLSNotBefore, uint64(cert.NotBefore))
	}
	if cert.NotAfter != 0 {
		res.PutUint(attr.TLSNotAfter, uint64(cert.NotAfter))
	}
	fillSANs(cert.Names, res)
	res.names, res.wholeLeaf = cert.Names, whole
	return whole
}

func putText(key attr.Key, text []byte, res *Result) {
	if len(text) > 0 {
		res.Put(key, text)
	}
}

// fillSANs puts the first names of a leaf certificate, host names and addresses.
func fillSANs(names []byte, res *Result) {
	forget(res, attr.TLSSANs)
	for n := 0; n < maxSANs; {
		kind, name, rest := x509min.NextName(names)
		switch kind {
		case 0:
			return
		case x509min.DNSName:
			res.Put(attr.TLSSANs, name)
			n++
		case x509min.IPAddress:
			var room [48]byte
			if a, ok := netip.AddrFromSlice(name); ok {
				res.Put(attr.TLSSANs, a.AppendTo(room[:0]))
				n++
			}
		}
		names = rest
	}
}
