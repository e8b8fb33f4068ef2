package attr

// Facts are what the bytes of a flow show beside its attributes: what rules of
// core/risk ask about. A detector puts them into Result.Facts.
type Facts uint32

// Facts.
const (
	Credentials    Facts = 1 << iota // a name or a password in the clear
	FatalAlert                       // TLS: an alert that ends the handshake (RFC 8446, section 6.2)
	NoServerName                     // TLS: a whole ClientHello names no server
	NoALPN                           // TLS: a whole ClientHello of version 1.2 or later names no protocol
	OtherName                        // TLS: the certificate, which is whole, is for other names than the client asked for
	TwoHosts                         // HTTP: fields Host that differ
	Smuggling                        // HTTP: a request with Content-Length and Transfer-Encoding
	OddField                         // HTTP: a field's name is no token, or is one that makes servers do something else
	Executable                       // what is transferred is a program
	Disguised                        // and its type says that it is text or an image
	WeakClientSSH                    // SSH: the client wants a cipher that is broken, first of all
	WeakServerSSH                    // SSH: the cipher that both agree on is broken
	LargeDNS                         // DNS: a datagram of more than 512 bytes without an extension that allows it
	DamagedMessage                   // what a message says of itself contradicts it
)
