// Package tlsmsg reads the clear part of TLS and DTLS: records, the handshake
// messages in them, both hellos, the certificate of TLS 1.2 and below, and the
// client's fingerprints. Nothing here allocates; slices alias the input.
package tlsmsg

// Content types of a record (RFC 8446, section 5.1).
const (
	ChangeCipherSpec = 20
	Alert            = 21
	Handshake        = 22
	ApplicationData  = 23
)

// Sizes of TLS records.
const (
	HeaderSize = 5
	// MaxRecord is the largest protected record: 2^14 + 2048 (RFC 5246, section 6.2.3).
	MaxRecord = 1<<14 + 2048
)

// Fit says how far bytes fit a format.
type Fit uint8

// Fits.
const (
	Wrong Fit = iota // no continuation makes it right
	Short            // right so far, but it ends too early to be sure
	Whole            // all of it is there
)

// Header judges the first bytes of a record and gives its type and the length of its body.
func Header(b []byte) (typ byte, length int, fit Fit) {
	if len(b) > 0 && (b[0] < ChangeCipherSpec || b[0] > ApplicationData) ||
		len(b) > 1 && b[1] != 3 || len(b) > 2 && b[2] > 4 {
		return 0, 0, Wrong
	}
	if len(b) < HeaderSize {
		return 0, 0, Short
	}
	length = int(b[3])<<8 | int(b[4])
	if length == 0 || length > MaxRecord || b[0] == ChangeCipherSpec && length != 1 {
		return 0, 0, Wrong
	}
	return b[0], length, Whole
}

// Flight is what one side said in the clear.
type Flight struct {
	// Messages is the joined body of the handshake records; its end may be inside a message.
	Messages []byte
	// Clear is how much of Messages came before a ChangeCipherSpec. What
	// follows it is protected, but after a HelloRetryRequest.
	Clear int
	// Ended says that no handshake message follows in the clear: a fatal alert
	// or protected data was seen, or bytes that are no record.
	Ended bool
	// Fatal: an alert ended the handshake.
	Fatal bool
}

// Join puts the handshake records at the start of stream together. With more
// than one of them the bytes are copied to scratch; what does not fit is left out.
func Join(stream, scratch []byte) Flight {
	f := Flight{Clear: -1}
	copied := false
	add := func(body []byte) {
		if f.Messages == nil {
			f.Messages = body
			return
		}
		if !copied {
			f.Messages = scratch[:copy(scratch, f.Messages)]
			copied = true
		}
		n := len(f.Messages)
		f.Messages = scratch[:n+copy(scratch[n:], body)]
	}
	for len(stream) > 0 && !f.Ended {
		typ, length, fit := Header(stream)
		if fit != Whole {
			f.Ended = fit == Wrong
			break
		}
		body := stream[HeaderSize:min(HeaderSize+length, len(stream))]
		stream = stream[HeaderSize+len(body):]
		switch typ {
		case Handshake:
			add(body)
		case ChangeCipherSpec:
			if f.Clear < 0 {
				f.Clear = len(f.Messages)
			}
		case Alert: // a warning, such as unrecognized_name, may come before the ServerHello
			f.Ended = length != 2 || len(body) > 0 && body[0] != 1
			f.Fatal = length == 2 && len(body) == 2 && body[0] == 2
		case ApplicationData:
			f.Ended = true
		}
	}
	if f.Clear < 0 {
		f.Clear = len(f.Messages)
	} else {
		f.Ended = f.Ended || len(f.Messages) > f.Clear
	}
	return f
}

// Types of handshake messages (RFC 8446, section 4; RFC 6347, section 4.3.2).
const (
	HelloRequest       = 0
	ClientHelloType    = 1
	ServerHelloType    = 2
	HelloVerifyRequest = 3
	NewSessionTicket   = 4
	CertificateType    = 11
	ServerKeyExchange  = 12
	CertificateRequest = 13
	ServerHelloDone    = 14
	ClientKeyExchange  = 16
	CertificateStatus  = 22
)

// Message is one handshake message.
type Message struct {
	Type  byte
	Body  []byte // as much as there is
	Whole bool
}

// Next takes the first message off b. False where not even its header is there.
func Next(b []byte) (m Message, rest []byte, ok bool) {
	if len(b) < 4 {
		return Message{}, nil, false
	}
	n := int(b[1])<<16 | int(b[2])<<8 | int(b[3])
	m.Type, m.Body = b[0], b[4:]
	if n <= len(m.Body) {
		m.Whole = true
		m.Body, rest = m.Body[:n], m.Body[n:]
	}
	return m, rest, true
}
