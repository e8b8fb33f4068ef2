package compact

// Hit is what a host name was found by.
type Hit struct {
	App  int
	From int // where in the name the listed domain, or the fixed end of the host rule, begins
	Rule int // number of the host rule; -1: the domain itself
	next int // where to go on looking
}

// First is the longest entry for a name; Next the next shorter one. A host rule
// goes before the domain that it ends in. name and s come from Split.
func (t *Table) First(name []byte, s *Suffixes) (Hit, bool) {
	return t.seek(name, s, Hit{next: s.n - 1})
}

// Next goes on after a hit that the caller does not want.
func (t *Table) Next(name []byte, s *Suffixes, h Hit) (Hit, bool) {
	if h.Rule >= 0 { // the domain that the rule ends in may still speak
		k := h.next + 1
		if v := t.names.value(t.names.find(name[s.at[k]:], s.hash[k])) &^ hasRules; v != 0 {
			return Hit{App: int(v) - 1, From: int(s.at[k]), Rule: -1, next: h.next}, true
		}
	}
	return t.seek(name, s, h)
}

func (t *Table) seek(name []byte, s *Suffixes, h Hit) (Hit, bool) {
	for k := h.next; k >= 0; k-- {
		from := int(s.at[k])
		i := t.names.find(name[from:], s.hash[k])
		if i < 0 {
			continue
		}
		v := t.names.value(i)
		if v&hasRules != 0 && from > 1 {
			if r := t.rule(i, name[:from-1]); r >= 0 {
				return Hit{App: int(u16(t.rules, r*ruleSize+8)), From: from, Rule: r, next: k - 1}, true
			}
		}
		if v &^= hasRules; v != 0 {
			return Hit{App: int(v) - 1, From: from, Rule: -1, next: k - 1}, true
		}
	}
	return Hit{}, false
}

// rule is the number of the host rule that ends in the name record i and fits
// what stands before that name; -1: none. There are few, in the order of records.
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
