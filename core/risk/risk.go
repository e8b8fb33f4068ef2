// Package risk says what is wrong with a flow. A rule is a row of the table in
// rules.go: a number and a name as the original has them, how severe it is, who
// bears it, and what decides it. Rules look at what detectors read; they see no
// packet but the newest, allocate nothing and keep nothing.
package risk

import (
	"math/bits"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

// Set is a set of risks: bit n is risk n.
type Set uint64

// Has says that a risk is in the set.
func (s Set) Has(id ID) bool { return s>>id&1 != 0 }

// ID is the number of a risk, as in events.
type ID uint8

// Severity is how much a risk adds to the score.
type Severity uint16

// Severities.
const (
	Low    Severity = 10
	Medium Severity = 50
	High   Severity = 100
	Severe Severity = 150
)

// String is the severity's name.
func (s Severity) String() string {
	switch s {
	case Low:
		return "low"
	case Medium:
		return "medium"
	case High:
		return "high"
	}
	return "severe"
}

// Bearer is who is exposed, in per cent of the severity that counts for the client.
type Bearer uint8

// Bearers.
const (
	Server Bearer = 10
	Both   Bearer = 50
	Client Bearer = 90
)

// String is the bearer's name.
func (b Bearer) String() string {
	switch b {
	case Server:
		return "server"
	case Both:
		return "both"
	}
	return "client"
}

// Input is what rules may ask about. All of it is lent for the call.
type Input struct {
	Set        *attr.Set
	Facts      attr.Facts
	Proto      proto.ID
	IPProtocol uint8
	ServerPort uint16
	ClientPort uint16
	Now        int64 // time of the packet, seconds since 1970
	Remote     bool  // the far end is no part of the local networks
	Known      bool  // the flow has an application
	Fragmented bool  // the newest packet came in fragments
	V6         bool
	Src, Dst   *[16]byte // of the newest packet
	Payload    []byte    // of the newest packet, of protocols without ports
	Whole      bool      // nothing of Payload was cut
	Memo       *Memo     // of the caller; may be nil

	url, agent, name signs // found in the target, in the user agent, in the host name
	version, suite   int64 // of TLS
	from, to         int64 // of the certificate, seconds since 1970; 0: not seen
}

// Rule is a row of the table.
type Rule struct {
	ID       ID
	Name     string
	Severity Severity
	Bearer   Bearer
	On       Kind
	Facts    attr.Facts           // of which one must be there; 0: whatever they are
	When     func(in *Input) bool // nil: Facts or the protocol decide, or, where On is Engine, the engine
	How      string               // what decides it, for docs/risks.md
	Source   string               // where it is said that this is wrong
}

// Kind is what a flow must speak for a rule to be asked.
type Kind uint8

// Kinds.
const (
	Any         Kind = iota // whatever it speaks
	Spoken                  // the protocols that speaks gives for the risk
	TLS                     // in a stream, in datagrams, or in QUIC
	Dated                   // the same, and version or cipher suite is none of today
	Hiding                  // TLS, and the client sent what may hide a name
	Certificate             // the same, and the server's certificate was seen
	HTTP                    // in the clear
	Signed                  // the same, and a sign was found in the target or in the user agent
	DNS
	SSH
	ICMP
	Named  // a host name was spoken, and a sign was found in it
	Engine // the engine decides, by what it counts
	numKinds
)

// of are the rules of each kind; those that ask for a fact are apart, since
// most flows show none: anyOf are the facts that those of a kind ask for.
var (
	of, factsOf [numKinds][]*Rule
	anyOf       [numKinds]attr.Facts
)

// spoken says which of the rules of kind Spoken are asked of a protocol, by its
// place: bit n is the n-th of them.
var spoken [proto.Places]uint8

// byID has the place of a risk in Rules plus one; 0: there is no rule.
var byID [64]uint8

func init() {
	for i := range Rules {
		r := &Rules[i]
		byID[r.ID] = uint8(i + 1)
		switch {
		case r.Facts != 0:
			factsOf[r.On] = append(factsOf[r.On], r)
			anyOf[r.On] |= r.Facts
		case r.On != Engine:
			of[r.On] = append(of[r.On], r)
		}
	}
	for bit, r := range of[Spoken] {
		proto.All(func(id proto.ID, _ string) {
			if speaks[r.ID](id) {
				spoken[id.Place()] |= 1 << bit
			}
		})
	}
}

// kinds says which rules are to be asked, as bits.
func (in *Input) kinds() (ask uint) {
	if in.Facts != 0 {
		ask |= 1 << Any
	}
	switch in.Proto {
	case proto.DNS, proto.DNSCrypt:
		ask |= 1 << DNS
	case proto.SSH:
		ask |= 1 << SSH
	case proto.ICMP, proto.ICMPv6:
		return ask | 1<<ICMP
	default:
		switch {
		case in.Set.Has(attr.TLSVersion):
			ask |= 1 << TLS
			in.version, in.suite = number(in, attr.TLSVersion), number(in, attr.TLSCipher)
			if isObsoleteTLS(in) || isWeakSuite(in) {
				ask |= 1 << Dated
			}
			if in.Set.HasAny(&hidingKeys) {
				ask |= 1 << Hiding
			}
			if in.Set.HasAny(&certificateKeys) {
				ask |= 1 << Certificate
				in.from, in.to = number(in, attr.TLSNotBefore), number(in, attr.TLSNotAfter)
			}
		case in.Set.HasAny(&httpKeys):
			ask |= 1 << HTTP
			if in.url = 0; in.Proto != proto.BitTorrent { // whose trackers are told bytes
				in.url = in.Memo.find(urlSigns, 1<<40, in.Set.Get(attr.HTTPURL))
			}
			in.agent = in.Memo.find(agentSigns, 2<<40, in.Set.Get(attr.HTTPUserAgent))
			if in.url|in.agent != 0 {
				ask |= 1 << Signed
			}
		}
	}
	in.name = 0
	if name := in.Set.Get(attr.HostName); name != nil {
		switch {
		case !in.Known:
			in.name = in.Memo.find(nameSigns, 3<<40, name)
		case hasPunycode(name) && LooksAlike(name):
			in.name = alike
		}
		if in.name != 0 {
			ask |= 1 << Named
		}
	}
	return ask
}

var certificateKeys = attr.MaskOf(attr.TLSNotBefore, attr.TLSNotAfter, attr.TLSSubjectDN)

var httpKeys = attr.MaskOf(attr.HTTPMethod, attr.HTTPServer, attr.HTTPUserAgent)

// Judge is the risks that the rules not in off find.
func Judge(in *Input, off Set) (found Set) {
	for ask := spoken[in.Proto.Place()]; ask != 0; ask &= ask - 1 {
		if r := of[Spoken][bits.TrailingZeros8(ask)]; r.When == nil || r.When(in) {
			found |= 1 << r.ID
		}
	}
	for ask := in.kinds(); ask != 0; ask &= ask - 1 {
		kind := bits.TrailingZeros(ask)
		for _, r := range of[kind] {
			if r.When(in) {
				found |= 1 << r.ID
			}
		}
		if in.Facts&anyOf[kind] == 0 {
			continue
		}
		for _, r := range factsOf[kind] {
			if in.Facts&r.Facts != 0 && (r.When == nil || r.When(in)) {
				found |= 1 << r.ID
			}
		}
	}
	return found &^ off
}

// Score is what a set of risks adds up to, and the parts of client and server.
func (s Set) Score() (total, client, server uint16) {
	for ; s != 0; s &= s - 1 {
		at := byID[bits.TrailingZeros64(uint64(s))]
		if at == 0 {
			continue
		}
		r := &Rules[at-1]
		total += uint16(r.Severity)
		client += uint16(r.Severity) * uint16(r.Bearer) / 100
	}
	return total, client, total - client
}

// AtLeast are the risks of the set that are so severe.
func (s Set) AtLeast(least Severity) (found Set) {
	for left := s; left != 0; left &= left - 1 {
		id := ID(bits.TrailingZeros64(uint64(left)))
		if id.Severity() >= least {
			found |= 1 << id
		}
	}
	return found
}

// Worst is the most severe risk of the set, of equal ones the first; 0: none.
func (s Set) Worst() (worst ID) {
	for ; s != 0; s &= s - 1 {
		if id := ID(bits.TrailingZeros64(uint64(s))); worst == 0 || id.Severity() > worst.Severity() {
			worst = id
		}
	}
	return worst
}

// Severity is how severe a risk is; 0: none of ours decides it.
func (id ID) Severity() Severity {
	if !id.Decided() {
		return 0
	}
	return Rules[byID[id]-1].Severity
}

// Parse finds a risk by its name, in any case of letters, or by its number.
func Parse(name string) (ID, bool) {
	for id, n := range names {
		if n != "" && fold(n, name) {
			return ID(id), true
		}
	}
	n := 0
	for _, c := range name {
		if c < '0' || c > '9' || n > 99 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	if name == "" || n >= len(names) || names[n] == "" {
		return 0, false
	}
	return ID(n), true
}

func fold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		x, y := a[i], b[i]
		if x|0x20 >= 'a' && x|0x20 <= 'z' {
			x |= 0x20
		}
		if y|0x20 >= 'a' && y|0x20 <= 'z' {
			y |= 0x20
		}
		if x != y {
			return false
		}
	}
	return true
}

// Name is the name of a risk; empty: there is none with that number.
func (id ID) Name() string {
	if int(id) < len(names) {
		return names[id]
	}
	return ""
}

// Decided says that a rule decides the risk here. Others have a name alone.
func (id ID) Decided() bool { return int(id) < len(byID) && byID[id] != 0 }

// Count is how many numbers of risks there are.
const Count = len(names)
