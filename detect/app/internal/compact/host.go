package compact

import "encoding/binary"

// MaxName is how many bytes a host name may have (RFC 1035, section 2.3.4).
const MaxName = 255

// Query is a host name in the form that it is looked up in: lower case, its last byte first.
type Query struct {
	size int
	text [MaxName]byte
}

// Ask takes a name over and returns it without a final dot. False: this is no
// host name (empty, too long, an empty label, a space, a control character, a
// byte beyond ASCII).
func (q *Query) Ask(name []byte) ([]byte, bool) {
	if n := len(name); n > 0 && name[n-1] == '.' {
		name = name[:n-1]
	}
	if len(name) == 0 || len(name) > MaxName {
		return nil, false
	}
	if !q.turn(name) {
		return nil, false
	}
	q.size = len(name)
	return name, name[len(name)-1] != '.'
}

// turn writes name in lower case, its last byte first, eight bytes at a time. False: it is none.
func (q *Query) turn(name []byte) bool {
	n := len(name)
	text := q.text[:n]
	before := uint64(lastBit) // an empty label is as if a dot stood in front
	i := 0
	for ; i+8 <= n; i += 8 {
		w, dots := lowered(binary.LittleEndian.Uint64(name[i:]))
		if dots&(dots<<8|before) != 0 {
			return false
		}
		binary.BigEndian.PutUint64(text[n-8-i:], w)
		before = dots >> 56
	}
	if i == n {
		return true
	}
	if n >= 8 { // the last word again, with what came before
		w, dots := lowered(binary.LittleEndian.Uint64(name[n-8:]))
		binary.BigEndian.PutUint64(text, w)
		return dots&(dots<<8) == 0
	}
	last := byte('.')
	for at, c := range name {
		if c = fold[c]; c == 0 || c == '.' && last == '.' {
			return false
		}
		text[n-1-at], last = c, c
	}
	return true
}

const (
	each    = 0x0101010101010101 // byte of a word
	topBits = each << 7
	lastBit = 1 << 7
)

// lowered is eight bytes of a name in lower case, and the top bits of those that
// are a dot; all of them where a byte is no part of a name, as fold has it. To a
// byte below 128 as much is added as makes its top bit say that it reaches a bound.
func lowered(w uint64) (lower, dots uint64) {
	if w&topBits != 0 || (w+each*(128-'!'))&^(w+each*(128-0x7f))&topBits != topBits {
		return w, ^uint64(0)
	}
	capitals := (w + each*(128-'A')) &^ (w + each*(128-'Z'-1)) & topBits
	return w | capitals>>2, ^(w ^ each*'.' + each*127) & topBits
}

// Hit is what a host name was found by.
type Hit struct {
	App  int
	From int // where in the name the listed domain, or the fixed end of the host rule, begins
	Rule int // number of the host rule; -1: the domain itself
	size int // of the listed name
	also int // the application, plus one, of the domain that the host rule ends in; 0: none
}

// First is the longest entry for a name; Next the next shorter one. A host rule
// goes before the domain that it ends in. name and q come from Ask.
func (t *Table) First(name []byte, q *Query) (Hit, bool) {
	return t.seek(name, q, q.size)
}

// Next goes on after a hit that the caller does not want.
func (t *Table) Next(name []byte, q *Query, h Hit) (Hit, bool) {
	if h.also != 0 {
		return Hit{App: h.also - 1, From: h.From, Rule: -1, size: h.size}, true
	}
	return t.seek(name, q, parent(q.text[:q.size], h.size-1))
}

// seek looks for the first size bytes of q and their parents.
func (t *Table) seek(name []byte, q *Query, size int) (Hit, bool) {
	for size > 0 {
		m := t.names.find(q.text[:size])
		if m.size == 0 {
			break
		}
		from := len(name) - m.size
		plain := int(m.value &^ hasRules)
		if m.value&hasRules != 0 && from > 1 {
			if r := t.rule(m.number, name[:from-1]); r >= 0 {
				return Hit{App: int(u16(t.rules, r*ruleSize+8)), From: from, Rule: r, size: m.size, also: plain}, true
			}
		}
		if plain != 0 {
			return Hit{App: plain - 1, From: from, Rule: -1, size: m.size}, true
		}
		size = parent(q.text[:q.size], m.size-1)
	}
	return Hit{}, false
}

// rule is the number of the host rule that ends in the name number i and fits
// what stands before that name; -1: none. There are few, in the order of names.
func (t *Table) rule(i int, before []byte) int {
	lo, hi := 0, t.Rules()
	for lo < hi {
		if mid := (lo + hi) / 2; int(u32(t.rules, mid*ruleSize)) < i {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	for ; lo < t.Rules() && int(u32(t.rules, lo*ruleSize)) == i; lo++ {
		if fits(t.Rule(lo), before) {
			return lo
		}
	}
	return -1
}

// Rule is the text of a host rule without its fixed end: "prefix-*".
func (t *Table) Rule(n int) string {
	at := n * ruleSize
	return cut(t.text, u32(t.rules, at+4), t.rules[at+10])
}

// fits says whether the last labels of name fit a pattern of as many labels.
func fits(pattern string, name []byte) bool {
	dots := 0
	for i := range len(pattern) {
		if pattern[i] == '.' {
			dots++
		}
	}
	from := len(name)
	for ; from > 0; from-- {
		if name[from-1] == '.' {
			if dots == 0 {
				break
			}
			dots--
		}
	}
	return dots == 0 && glob(pattern, name[from:])
}

// glob says whether name fits pattern, in which * stands for any bytes but a dot.
func glob(pattern string, name []byte) bool {
	p, n := 0, 0
	star, mark := -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, n
			p++
		case p < len(pattern) && pattern[p] == fold[name[n]]:
			p++
			n++
		case star >= 0 && name[mark] != '.':
			mark++
			p, n = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
