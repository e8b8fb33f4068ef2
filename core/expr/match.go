package expr

import (
	"encoding/binary"
	"net/netip"
	"strings"
)

type comparison uint8

const (
	present comparison = iota // not 0, not empty
	equal
	unequal
	greater
	least // at least
	less
	most // at most
)

// signsOf are the signs of comparisons.
var signsOf = [...]string{equal: "==", unequal: "!=", greater: ">", least: ">=", less: "<", most: "<="}

// comparisonOf is what a sign asks; present: it is none of these.
func comparisonOf(sign string) comparison {
	for c := equal; int(c) < len(signsOf); c++ {
		if signsOf[c] == sign {
			return c
		}
	}
	return present
}

// test is one comparison. What a field's form needs is set.
type test struct {
	field  *field
	cmp    comparison
	num    uint64
	text   string
	mac    [6]byte
	prefix netip.Prefix
	is4    bool // the prefix is of IPv4, and this is its mask and network
	mask   uint32
	net    uint32
	rx     *Pattern
	group  *Group
	source string // what it was written as
	never  bool   // compared with what nothing has
	any    bool   // compared with what all have
}

// Match says whether the expression holds for a flow. It does not allocate.
func (p *Program) Match(in *Input) bool { return p.eval(p.root, in) }

func (p *Program) eval(i int, in *Input) bool {
	switch n := &p.nodes[i]; n.op {
	case and:
		return p.eval(n.a, in) && p.eval(n.b, in)
	case or:
		return p.eval(n.a, in) || p.eval(n.b, in)
	case not:
		return !p.eval(n.a, in)
	case isTrue:
		return n.test.holds(in)
	}
	return true
}

func (t *test) holds(in *Input) bool {
	switch t.cmp {
	case present:
		if t.field.form == host {
			return len(t.field.host(in)) > 0
		}
		return t.field.num(in) != 0
	case equal:
		return t.equal(in)
	case unequal:
		return !t.equal(in)
	}
	v := t.field.num(in)
	switch t.cmp {
	case greater:
		return v > t.num
	case least:
		return v >= t.num
	case less:
		return v < t.num
	}
	return v <= t.num
}

func (t *test) equal(in *Input) bool {
	switch {
	case t.never || t.any:
		return t.any
	case t.group != nil:
		return t.member(in)
	}
	switch f := t.field; f.form {
	case text:
		return strings.EqualFold(f.text(in), t.text)
	case iface:
		return in.Interface == t.text
	case mac:
		a, b := f.mac(in)
		return *a == t.mac || *b == t.mac
	case address:
		a := f.addr(in)
		if a.Is4() { // in words: many processors have no more than 32 bits
			b := a.As4()
			return t.is4 && binary.BigEndian.Uint32(b[:])&t.mask == t.net
		}
		return t.prefix.Contains(a.Unmap())
	case application:
		if t.text != "" {
			return strings.EqualFold(BareTag(in.AppTag), t.text)
		}
		return uint64(in.App) == t.num
	case category, protocolCategory:
		a, b := f.cats(in)
		return uint64(a) == t.num || uint64(b) == t.num
	case riskName:
		return in.Risks>>t.num&1 != 0
	case host:
		if t.rx != nil {
			return t.rx.Match(f.host(in))
		}
		return sameName(f.host(in), t.text)
	default:
		return f.num(in) == t.num
	}
}

// member says that what the test asks about is in its group.
func (t *test) member(in *Input) bool {
	switch f := t.field; f.form {
	case mac:
		a, b := f.mac(in)
		return t.group.HasMAC(a) || a != b && t.group.HasMAC(b)
	case address:
		return t.group.HasAddr(f.addr(in))
	case device:
		if in.OtherType == OtherLocal && t.group.Has(&in.OtherMAC, in.OtherIP) {
			return true
		}
	}
	return t.group.Has(&in.LocalMAC, in.LocalIP)
}

// sameName compares a name with one in lower case.
func sameName(name []byte, lower string) bool {
	if n := len(name); n > 0 && name[n-1] == '.' {
		name = name[:n-1]
	}
	if len(name) != len(lower) {
		return false
	}
	for i, c := range name {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
