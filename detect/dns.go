package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
	"netifyd/detect/internal/dnsmsg"
)

// Ports that belong to the definition of a protocol with the format of DNS.
const (
	dnsPort   = 53
	nbnsPort  = 137  // RFC 1002, section 4.2
	mdnsPort  = 5353 // RFC 6762, section 3
	llmnrPort = 5355 // RFC 4795, section 2
)

// plainDNS is how long a datagram may be without an extension (RFC 1035, section 4.2.1), which is a record behind all others.
const plainDNS = 512

// maxDNSAnswers is how many answers are given as text.
const maxDNSAnswers = 8

// maxDNSRecords and maxAliases bound the work on one response.
const (
	maxDNSRecords = 64
	maxAliases    = 8
)

// DNS over UDP and TCP (RFC 1035; over TCP a length of two bytes goes before
// each message, RFC 7766, section 8). The header's counts, the question's
// class and a message that ends where its records end are the evidence; where
// no port helps, a question and its answer.
var dnsCard = Protocol{
	ID: proto.DNS, Over: TCP | UDP, Ports: []uint16{dnsPort},
	Limit: 4096, Feed: true, Alone: true, Inspect: inspectDNS,
}

func inspectDNS(in *Input, res *Result) Verdict {
	if in.Over == UDP {
		msg := in.Newest()
		usualPort := in.HasPort(dnsPort) // an encoded NetBIOS name asked for there is a query of DNS
		switch {
		case isCousin(in), !usualPort && netbiosQuery(msg) != nil:
			return No
		case in.Known && isDamagedQuery(msg): // the name that was asked for before it stays
			return NeedMore
		case soundDNS(msg, usualPort, in.Lost > 0):
			if !usualPort && !in.Known && !answers(in, msg) && !asksForCertificate(msg, res) {
				return NeedMore
			}
		case usualPort: // one damaged datagram says nothing of the next
			return NeedMore
		default:
			return No
		}
		readDNS(msg, res)
		if h, ok := dnsmsg.ReadHeader(msg); ok && h.AR == 0 && len(msg) > plainDNS {
			res.Facts |= attr.LargeDNS
		}
		if !usualPort && !in.Known {
			res.Replies = 0 // its question was found beside it
		}
		res.More = !in.FromServer
		return Match
	}
	asked, answered := dnsStream(in.ToServer), dnsStream(in.ToClient)
	switch {
	case in.ServerPort == llmnrPort:
		return No
	case asked == No || answered == No:
		return No
	case asked == Match || answered == Match:
		if asked == Match {
			readDNS(dnsFrame(in.ToServer), res)
		}
		var answer []byte
		whole := true
		if answered == Match && res.Asks == 0 {
			answer, whole = dnsFrame(in.ToClient), len(in.ToClient) >= 2+int(dnsLength(in.ToClient))
		} else if answered == Match {
			answer, whole = dnsAnswerTo(in.ToServer, in.ToClient)
		}
		if asks := res.Asks; answer != nil {
			readDNS(answer, res)
			if asks != 0 {
				res.Asks = res.Replies
			}
		}
		res.More = answer == nil || !whole
		return Match
	}
	return NeedMore
}

// answers says that a message and an earlier one of the other side are a
// question and its answer: they share identifier and question.
func answers(in *Input, msg []byte) bool {
	for b, fromServer, at := in.Datagram(0); b != nil; b, fromServer, at = in.Datagram(at) {
		if fromServer != in.FromServer && len(b) > 2 && be16(b) == be16(msg) && (b[2]^msg[2])&0x80 != 0 && soundDNS(b, false, in.size(b) > len(b)) && dnsMark(b) == dnsMark(msg) {
			return true
		}
	}
	return false
}

// asksForCertificate says that a message is about the name by which a
// DNSCrypt server gives its certificate: no other name proves so much.
func asksForCertificate(msg []byte, res *Result) bool {
	q, _, ok := dnsmsg.ReadQuestion(msg, dnsmsg.HeaderLen)
	if !ok {
		return false
	}
	name, ok := dnsmsg.Text(res.Scratch[:dnsmsg.MaxName], msg, q.Name)
	return ok && isDNSCryptCertificate(name, q.Type)
}

// isCousin says that the ports are those of multicast DNS, LLMNR or the
// NetBIOS name service, whose messages are told from DNS by nothing else. A
// resolver may send from one of these ports, but then to port 53.
func isCousin(in *Input) bool {
	for _, port := range [...]uint16{mdnsPort, llmnrPort, nbnsPort} {
		if in.ServerPort == port || in.ClientPort == port && in.ServerPort != dnsPort {
			return true
		}
	}
	return false
}

func dnsLength(s []byte) uint16 { return uint16(s[0])<<8 | uint16(s[1]) }

// dnsFrame is what is at hand of the first message of a stream.
func dnsFrame(s []byte) []byte {
	return s[2:min(len(s), 2+int(dnsLength(s)))]
}

// dnsAnswerTo finds the first answer to one of the questions that were asked:
// several may wait, and the answers come in any order (RFC 7766, sections 6.2.1.1 and 7).
func dnsAnswerTo(asked, answered []byte) (answer []byte, whole bool) {
	const most = 8 // of each
	for range most {
		if len(answered) < 2 {
			break
		}
		mark, size := dnsMark(dnsFrame(answered)), 2+int(dnsLength(answered))
		for b, n := asked, 0; mark != 0 && len(b) > 2 && n < most; n++ {
			if dnsMark(dnsFrame(b)) == mark {
				return dnsFrame(answered), len(answered) >= size
			}
			b = behind(b, 2+int(dnsLength(b)))
		}
		answered = behind(answered, size)
	}
	return nil, false
}

// dnsStream judges a stream by its first message's header and question.
func dnsStream(s []byte) Verdict {
	if len(s) < 2 {
		return NeedMore
	}
	length := int(dnsLength(s))
	if length < dnsmsg.HeaderLen+4 {
		return No
	}
	msg := dnsFrame(s)
	h, ok := dnsmsg.ReadHeader(msg)
	if !ok {
		return NeedMore
	}
	if h.Opcode() == dsoOpcode {
		return statefulDNS(msg, length, h)
	}
	if !soundHeader(h, length) || h.QD != 1 {
		return No
	}
	q, _, ok := dnsmsg.ReadQuestion(msg, dnsmsg.HeaderLen)
	switch {
	case ok && soundQuestion(q):
		return Match
	case ok || len(msg) == length || len(msg) > dnsmsg.HeaderLen+259:
		return No
	}
	return NeedMore
}

// dsoOpcode is that of stateful operations (RFC 8490, section 5.1).
const dsoOpcode = 6

// statefulDNS judges a message of stateful operations: no flags, no questions
// and no records, but types, lengths and values to its end, the first of a type
// that is assigned (section 10.3 and RFC 8765, section 9).
func statefulDNS(msg []byte, length int, h dnsmsg.Header) Verdict {
	if h.Flags&0x07f0 != 0 || int(h.QD)+h.Records() != 0 {
		return No
	}
	for at := dnsmsg.HeaderLen; at < length; {
		if at+4 > len(msg) {
			if at+4 > length {
				return No
			}
			return NeedMore
		}
		if t := be16(msg[at:]); at == dnsmsg.HeaderLen && t != 1 && t != 2 && (t < 0x40 || t > 0x43) {
			return No
		}
		if at += 4 + be16(msg[at+2:]); at > length {
			return No
		}
	}
	return Match
}

// soundDNS judges one message. At port 53, where a datagram that begins with
// a sound header can hardly be anything else, what comes after may be
// malformed or cut. Elsewhere only what the snap length cut may miss its end.
func soundDNS(msg []byte, usualPort, cut bool) bool {
	h, ok := dnsmsg.ReadHeader(msg)
	if !ok || !soundHeader(h, len(msg)) {
		return usualPort && ok && roughDNS(h, msg)
	}
	if h.QD == 0 {
		return usualPort && dnsmsg.Whole(msg)
	}
	if usualPort {
		return true
	}
	q, _, ok := dnsmsg.ReadQuestion(msg, dnsmsg.HeaderLen)
	return ok && soundQuestion(q) && (cut || dnsmsg.Whole(msg))
}

// roughDNS accepts, at port 53 only, what broken resolvers, probes and damage
// leave of a message: the flags of a query and its one question where what
// comes after is lost, or a question of class IN behind a header with an odd
// flag or count.
func roughDNS(h dnsmsg.Header, msg []byte) bool {
	const mayBeSet = 0x0130 // of a query: recursion desired, authentic data, checking disabled (RFC 1035, section 4.1.1; RFC 4035, section 3.2)
	if h.Flags&^mayBeSet == 0 && h.QD == 1 {
		return true
	}
	q, end, ok := dnsmsg.ReadQuestion(msg, dnsmsg.HeaderLen)
	if !ok || q.Class != 1 || h.Flags&0x0040 != 0 {
		return false
	}
	return h.QD != 0 || h.Flags&^mayBeSet == 0 && end == len(msg) && q.Type != 0
}

// isDamagedQuery says that a message asks for something that its damage hides.
func isDamagedQuery(msg []byte) bool {
	h, ok := dnsmsg.ReadHeader(msg)
	if !ok || h.Response() {
		return false
	}
	_, end, asks := dnsmsg.ReadQuestion(msg, dnsmsg.HeaderLen)
	return !asks || end != len(msg) && !soundHeader(h, len(msg))
}

// soundHeader checks flags and counts of a message of the given length.
func soundHeader(h dnsmsg.Header, length int) bool {
	if h.Flags&0x0040 != 0 || h.QD > 1 || h.Records()*11 > length {
		return false
	}
	switch op := h.Opcode(); {
	case op == 5: // UPDATE uses the sections in its own way (RFC 2136, section 2.2)
		return h.QD == 1
	case op == 4: // NOTIFY may tell the new SOA (RFC 1996, section 3.7)
		return h.QD == 1 && h.AN <= 1
	case op > 2:
		return false
	}
	if h.Response() {
		return h.Rcode() <= 11 && (h.QD == 1 || h.Records() > 0 || h.Rcode() != 0)
	}
	// The authority section of a query holds a SOA for IXFR (RFC 1995, section 3);
	// the additional one OPT, TSIG or SIG(0).
	return h.QD == 1 && h.AN == 0 && h.NS <= 1 && h.AR <= 3 && h.Rcode() == 0
}

// soundQuestion accepts the classes and types that are assigned (IANA, "Domain
// Name System (DNS) Parameters").
func soundQuestion(q dnsmsg.Question) bool {
	classOK := q.Class == 1 || q.Class == 3 || q.Class == 4 || q.Class == 254 || q.Class == 255
	return classOK && q.Type != 0 && (q.Type <= 264 || q.Type == 32768 || q.Type == 32769)
}

// readDNS puts what a message tells. msg may be cut. A query that is one question to its
// end asks for it, whatever its counts say.
func readDNS(msg []byte, res *Result) {
	h, _ := dnsmsg.ReadHeader(msg)
	q, off, ok := dnsmsg.ReadQuestion(msg, dnsmsg.HeaderLen)
	if !ok || h.QD == 0 && (h.Response() || off != len(msg)) {
		return
	}
	if name, ok := dnsmsg.Text(res.Scratch[:dnsmsg.MaxName], msg, q.Name); ok {
		if h.Response() {
			res.Replies = markOf(name, h, q)
		} else {
			res.Asks = markOf(name, h, q)
		}
		lowerCase(name)
		res.Put(attr.DNSQuery, name)
		if res.Answered = hostName(res.Scratch[dnsAnsweredRoom:dnsAnsweredRoom+maxHost], name); res.Answered != nil {
			res.Put(attr.HostName, res.Answered)
		}
		if isDNSCryptCertificate(name, q.Type) {
			res.Protocol = proto.DNSCrypt
		}
	}
	res.PutUint(attr.DNSType, uint64(q.Type))
	if !h.Response() {
		return
	}
	res.PutUint(attr.DNSRcode, uint64(h.Rcode()))
	if h.QD == 1 {
		n := min(int(h.AN), maxDNSRecords)
		putAnswerTexts(msg, off, n, res)
		if h.Rcode() == 0 { // else the name has none (RFC 6604, section 3)
			putAddresses(msg, off, n, q.Name, res)
		}
	}
}

// dnsAnsweredRoom is where Result.Answered lies in Result.Scratch.
const dnsAnsweredRoom = 1024

// dnsMark stands for the identifier and the question of a message; 0: it has none.
func dnsMark(msg []byte) uint64 {
	h, _ := dnsmsg.ReadHeader(msg)
	q, _, ok := dnsmsg.ReadQuestion(msg, dnsmsg.HeaderLen)
	if h.QD == 0 || !ok {
		return 0
	}
	var room [dnsmsg.MaxName]byte
	name, ok := dnsmsg.Text(room[:], msg, q.Name)
	if !ok {
		return 0
	}
	return markOf(name, h, q)
}

func markOf(name []byte, h dnsmsg.Header, q dnsmsg.Question) uint64 {
	return max(1, dnsmsg.Hash(name)^(uint64(h.ID)<<48|uint64(q.Type)<<16|uint64(q.Class))*0x9e3779b97f4a7c15)
}

func lowerCase(b []byte) {
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
}
