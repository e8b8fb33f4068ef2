package filter

import (
	"fmt"
	"slices"
	"strings"
)

// direction of an address or port.
type direction byte

const (
	srcOrDst direction = iota
	fromSrc
	toDst
	srcAndDst
)

// qualifiers stand before a value, and hold for values joined to it:
// "tcp dst port 53 or 80".
type qualifiers struct {
	proto string // keyword; "": any
	dir   direction
	kind  string // host, net, port, portrange, proto; "": host
	set   bool
}

// maxDepth of parentheses and "not" keeps the reading's own stack small.
const maxDepth = 200

type parser struct {
	words []word
	next  int
	end   int // column behind the last character
	depth int
	link  link
	last  qualifiers // of the value before; what a bare value means
}

var (
	kinds    = []string{"host", "net", "port", "portrange", "proto", "protochain", "gateway"}
	wholes   = []string{"broadcast", "multicast", "less", "greater", "inbound", "outbound", "vlan", "pppoes", "len"}
	leftOut  = []string{"mpls", "geneve", "vxlan", "protochain", "gateway", "iso", "esis", "isis", "clnp", "stp", "ipx", "netbeui", "wlan", "fddi", "tr", "ppp", "slip", "llc", "type", "subtype", "ifname", "on", "ra", "ta", "addr1", "addr2", "addr3", "addr4", "lane", "vpi", "vci", "byte", "ifindex", "rnr", "rulenum", "reason", "rset", "ruleset", "srnr", "subrulenum", "action"}
	joiners  = []string{"and", "or", "not", "src", "dst", "mask"}
	keywords = func() map[string]bool {
		k := map[string]bool{"ether": true, "link": true}
		for _, list := range [][]string{kinds, wholes, leftOut, joiners} {
			for _, w := range list {
				k[w] = true
			}
		}
		for w := range protocols {
			k[w] = true
		}
		for w := range etherTypes {
			k[w] = true
		}
		return k
	}()
)

// peek at a word some places ahead; behind the end an empty symbol.
func (p *parser) peek(ahead int) word {
	if p.next+ahead < len(p.words) {
		return p.words[p.next+ahead]
	}
	return word{column: p.end, symbol: true}
}

// accept takes the next word if it is text.
func (p *parser) accept(text string) bool {
	if p.peek(0).is(text) && p.next < len(p.words) {
		p.next++
		return true
	}
	return false
}

func (p *parser) fail(at word, format string, args ...any) error {
	return &Error{at.column, fmt.Sprintf(format, args...)}
}

// unexpected says what stands where something else was to come.
func (p *parser) unexpected(want string) error {
	w := p.peek(0)
	if p.next >= len(p.words) {
		return p.fail(w, "the filter ends where %s should follow", want)
	}
	return p.fail(w, "%q where %s should stand", w.text, want)
}

func (p *parser) parse() (node, error) {
	n, err := p.expression()
	if err == nil && p.next < len(p.words) {
		err = p.unexpected(`"and" or "or"`)
	}
	return n, err
}

// expression is terms joined by "and" and "or", which bind alike, from the left.
func (p *parser) expression() (node, error) {
	n, err := p.term()
	for err == nil {
		var right node
		switch {
		case p.accept("and"):
			right, err = p.term()
			n = both{n, right}
		case p.accept("or"):
			right, err = p.term()
			n = either{n, right}
		default:
			return n, nil
		}
	}
	return nil, err
}

// deeper guards the recursion.
func (p *parser) deeper() error {
	if p.depth++; p.depth > maxDepth {
		p.depth--
		return p.fail(p.peek(0), "more than %d parentheses and negations within each other", maxDepth)
	}
	return nil
}

func (p *parser) term() (node, error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	if p.accept("not") {
		n, err := p.term()
		return inverse{n}, err
	}
	start, link := p.next, p.link
	n, relationErr := p.relation()
	if relationErr == nil {
		p.last = qualifiers{}
		return n, nil
	}
	far := p.next
	p.next, p.link = start, link
	if !p.accept("(") {
		if isRelation(p.words[start:min(far+2, len(p.words))]) {
			return nil, relationErr
		}
		return p.primitive()
	}
	n, err := p.expression()
	if err == nil && !p.accept(")") {
		err = p.unexpected(`")"`)
	}
	if err != nil && isRelation(p.words[start:min(far+1, len(p.words))]) && far >= p.next {
		err = relationErr
	}
	return n, err
}

// isRelation says whether the words read as an expression can be nothing else.
func isRelation(words []word) bool {
	return slices.ContainsFunc(words, func(w word) bool {
		return w.symbol && strings.Contains("[ < <= > >= = != + - * & | ^ % << >>", w.text) && w.text != ""
	})
}

// value says whether w can only be a host, port or the like.
func (w word) value() bool { return !w.symbol && (w.id || !keywords[w.text]) }

// primitive is one test, with its qualifiers or those of the one before.
func (p *parser) primitive() (node, error) {
	w := p.peek(0)
	if p.next >= len(p.words) {
		return nil, p.unexpected("a test")
	}
	if w.value() {
		if !p.last.set {
			return nil, p.fail(w, "%q needs a word before it that says what it is, such as host, net or port", w.text)
		}
		return p.values(p.last)
	}
	if n, ok, err := p.whole(); ok {
		p.last = qualifiers{}
		return n, err
	}
	return p.qualified()
}

// qualified reads [proto] [src|dst] [host|net|port|…] value, or a protocol alone.
func (p *parser) qualified() (node, error) {
	var q qualifiers
	first := p.peek(0)
	if isProtocol(first) {
		q.proto = first.text
		p.next++
	}
	directed := p.direction(&q)
	if w := p.peek(0); !w.id && slices.Contains(kinds, w.text) {
		if slices.Contains(leftOut, w.text) {
			return nil, p.fail(w, "%q is not supported", w.text)
		}
		q.kind = w.text
		p.next++
	}
	switch {
	case q.kind == "" && !directed && q.proto != "":
		if w := p.peek(0); w.value() {
			return nil, p.fail(w, "%q after %q: say %q, %q or the like between them", w.text, q.proto, "host", "port")
		}
		p.last = qualifiers{}
		return p.alone(first)
	case q.kind == "" && !directed:
		if slices.Contains(leftOut, first.text) {
			return nil, p.fail(first, "%q is not supported", first.text)
		}
		return nil, p.unexpected("a test")
	}
	q.set = true
	p.last = q
	return p.values(q)
}

func isProtocol(w word) bool {
	if w.id {
		return false
	}
	_, transport := protocols[w.text]
	_, ether := etherTypes[w.text]
	return transport || ether || w.text == "ether" || w.text == "link"
}

// direction reads src, dst, "src or dst" and "src and dst".
func (p *parser) direction(q *qualifiers) bool {
	side := func(w word) direction {
		switch {
		case w.is("src"):
			return fromSrc
		case w.is("dst"):
			return toDst
		}
		return srcOrDst
	}
	a := side(p.peek(0))
	if a == srcOrDst {
		return false
	}
	q.dir = a
	p.next++
	if b := side(p.peek(1)); b != srcOrDst && b != a {
		switch {
		case p.peek(0).is("or"):
			q.dir = srcOrDst
			p.next += 2
		case p.peek(0).is("and"):
			q.dir = srcAndDst
			p.next += 2
		}
	}
	return true
}

// alone is a protocol without a value.
func (p *parser) alone(w word) (node, error) {
	if proto, ok := protocols[w.text]; ok {
		return p.link.ipProtocol(proto.number, proto.in), nil
	}
	if etherType, ok := etherTypes[w.text]; ok {
		return p.link.carries(etherType), nil
	}
	return nil, p.unexpected("host, src, dst, proto, broadcast or multicast")
}

// values reads one value, or several in parentheses joined by and, or, not.
func (p *parser) values(q qualifiers) (node, error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	if !p.accept("(") {
		return p.value(q)
	}
	one := func() (node, error) {
		if p.accept("not") {
			n, err := p.values(q)
			return inverse{n}, err
		}
		return p.values(q)
	}
	n, err := one()
	for err == nil && !p.accept(")") {
		var right node
		switch {
		case p.accept("or"):
			right, err = one()
			n = either{n, right}
		case p.accept("and"):
			right, err = one()
			n = both{n, right}
		default:
			err = p.unexpected(`"or" or ")"`)
		}
	}
	return n, err
}
