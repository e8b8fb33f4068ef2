package expr

import "netifyd/core/proto"

// Explain says of every comparison of a program, in the order in which they are
// asked, whether it holds for a flow.
func (p *Program) Explain(in *Input, say func(comparison string, holds bool)) {
	p.explain(p.root, in, say)
}

func (p *Program) explain(i int, in *Input, say func(string, bool)) {
	switch n := &p.nodes[i]; n.op {
	case and, or:
		p.explain(n.a, in, say)
		p.explain(n.b, in, say)
	case not:
		p.explain(n.a, in, say)
	case isTrue:
		say(n.test.source, n.test.holds(in))
	case always:
		say("*", true)
	}
}

// AsksState says that the program asks whether detection of a flow has ended, or
// changed what was told before.
func (p *Program) AsksState() bool {
	return p.asks(func(t *test) bool {
		return t.field == &complete || t.field == &updated
	})
}

// NamesDNS says that the program asks for the protocol DNS, or for its port.
func (p *Program) NamesDNS() bool {
	return p.asks(func(t *test) bool {
		return t.cmp == equal && (t.field == &protoField && t.num == uint64(proto.DNS) || t.field == &otherPort && t.num == 53)
	})
}

// ByName says that the program asks for what a host name tells of a flow, such
// as its application.
func (p *Program) ByName() bool {
	return p.asks(func(t *test) bool {
		return t.field == &appField || t.field.form == category || t.field.form == host
	})
}

func (p *Program) asks(is func(t *test) bool) bool {
	for i := range p.nodes {
		if t := p.nodes[i].test; t != nil && is(t) {
			return true
		}
	}
	return false
}

// Keys are what a flow may be known by before a program is asked: identifiers of
// applications, protocols and categories of applications, and ports of the other side.
type Keys struct {
	Apps       []uint32
	Protocols  []uint16
	Categories []uint8
	Ports      []uint16
}

func (k *Keys) len() int { return len(k.Apps) + len(k.Protocols) + len(k.Categories) + len(k.Ports) }

// Keys are the identifiers of which a flow must have one for the program to
// hold. False: any flow may match.
func (p *Program) Keys() (Keys, bool) { return p.keys(p.root) }

func (p *Program) keys(i int) (k Keys, ok bool) {
	switch n := &p.nodes[i]; n.op {
	case and:
		a, okA := p.keys(n.a)
		b, okB := p.keys(n.b)
		if okA && (!okB || a.len() <= b.len()) {
			return a, true
		}
		return b, okB
	case or:
		a, okA := p.keys(n.a)
		b, okB := p.keys(n.b)
		return Keys{append(a.Apps, b.Apps...), append(a.Protocols, b.Protocols...), append(a.Categories, b.Categories...), append(a.Ports, b.Ports...)}, okA && okB
	case isTrue:
		return n.test.keys()
	}
	return k, false
}

func (t *test) keys() (k Keys, ok bool) {
	switch {
	case t.cmp != equal || t.any || t.text != "":
		return k, false
	case t.never:
		return k, true
	}
	switch t.field.form {
	case number:
		if t.field != &otherPort {
			return k, false
		}
		k.Ports = []uint16{uint16(t.num)}
	case application:
		k.Apps = []uint32{uint32(t.num)}
	case protocol:
		k.Protocols = []uint16{uint16(t.num)}
	case category:
		k.Categories = []uint8{uint8(t.num)}
	default:
		return k, false
	}
	return k, true
}
