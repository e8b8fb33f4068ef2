package compact

// maxLabels is how many labels a listed name may have.
const maxLabels = 12

// Suffixes are a name and its parents, each with its hash.
type Suffixes struct {
	n    int // how many; the last is the longest
	at   [maxLabels]uint8
	hash [maxLabels]uint32
}

// fold is the lower-case form of a byte of a host name; 0: no part of one.
var fold = func() (t [256]byte) {
	for c := byte('!'); c < 0x7f; c++ {
		t[c] = c
	}
	for c := byte('A'); c <= 'Z'; c++ {
		t[c] = c - 'A' + 'a'
	}
	return t
}()

// Split finds the parents of a name in one pass from its end. It returns the
// name without a final dot. False: this is no host name (empty, too long, an
// empty label, a space, a control character, a byte beyond ASCII).
func (s *Suffixes) Split(name []byte) ([]byte, bool) {
	if n := len(name); n > 0 && name[n-1] == '.' {
		name = name[:n-1]
	}
	if len(name) == 0 || len(name) > MaxName {
		return nil, false
	}
	s.n = 0
	h, end := uint32(seed), len(name)
	for i := len(name) - 1; i >= 0; i-- {
		c := fold[name[i]]
		if c == 0 {
			return nil, false
		}
		if c == '.' {
			if i+1 == end {
				return nil, false
			}
			s.add(i+1, h)
			end = i
		}
		h = step(h, c)
	}
	if end == 0 {
		return nil, false
	}
	s.add(0, h)
	return name, true
}

func (s *Suffixes) add(at int, h uint32) {
	if s.n < maxLabels {
		s.at[s.n], s.hash[s.n] = uint8(at), mix(h)
		s.n++
	}
}

// Len is how many suffixes may be listed; From where suffix number i begins.
func (s *Suffixes) Len() int       { return s.n }
func (s *Suffixes) From(i int) int { return int(s.at[i]) }

// The hash goes over a name from its end: FNV-1a (32 bits), then a mix so that
// all bits depend on all bytes. It need not resist an attacker, for what it is
// looked up in is fixed and the text is compared.
const seed = 2166136261

func step(h uint32, c byte) uint32 { return (h ^ uint32(c)) * 16777619 }

func mix(h uint32) uint32 {
	h ^= h >> 15
	h *= 0x2c1b3c6d
	return h ^ h>>12
}

func hashOf(name string) uint32 {
	h := uint32(seed)
	for i := len(name) - 1; i >= 0; i-- {
		h = step(h, name[i])
	}
	return mix(h)
}
