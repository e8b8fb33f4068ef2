package compact

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
)

// Check opens a compiled catalogue that came from outside of the program. It
// looks at every byte that a search may follow, so that none can lead astray
// later; Open alone trusts what the compiler made.
func Check(data string) (*Table, error) {
	switch {
	case !strings.HasPrefix(data, Magic[:len(Magic)-1]):
		return nil, errors.New("this is no compiled catalogue")
	case !strings.HasPrefix(data, Magic):
		return nil, fmt.Errorf("the catalogue is not of form %d, which this agent reads", Magic[len(Magic)-1])
	case len(data) < headerSize:
		return nil, errors.New("the catalogue is cut")
	}
	h := sha256.New()
	for rest := data[dateAt:]; rest != ""; { // in pieces: the whole as bytes would be a second copy
		n := min(len(rest), 4096)
		h.Write([]byte(rest[:n]))
		rest = rest[n:]
	}
	if string(h.Sum(nil)) != data[digestAt:dateAt] {
		return nil, errors.New("the catalogue is damaged or cut: its checksum is not right")
	}
	t, err := header(data)
	if err != nil {
		return nil, err
	}
	for _, check := range []func() error{t.checkApps, t.checkNames, t.checkRules, t.checkRanges, t.checkTwins} {
		if err := check(); err != nil {
			return nil, fmt.Errorf("the catalogue is damaged: %w", err)
		}
	}
	t.names.index()
	return t, nil
}

func (t *Table) checkApps() error {
	if t.Apps() == 0 || t.Apps() > MaxApps {
		return fmt.Errorf("%d applications", t.Apps())
	}
	last, wrong := uint32(0), uint32(0)
	err := t.Each(func(_ int, a App, _ []byte) {
		if a.ID <= last && wrong == 0 {
			wrong = a.ID
		}
		last = a.ID
	})
	if err == nil && wrong > 0 {
		err = fmt.Errorf("application %d is not in order", wrong)
	}
	return err
}

// checkNames reads every block of the listing as scan does.
func (t *Table) checkNames() error {
	l := &t.names
	n := l.Len()
	if blocks := (n + perBlock - 1) / perBlock; n > len(l.names) || len(l.blocks) != 4*(blocks+1) && (n > 0 || len(l.blocks) > 0) {
		return errors.New("the index of names")
	}
	var room [MaxName]byte
	at, name := 0, room[:0]
	for i := range n {
		bad := func() error { return fmt.Errorf("name %d", i) }
		first := i%perBlock == 0
		if first {
			if int(u32(l.blocks, i/perBlock*4)) != at || at >= len(l.names) {
				return bad()
			}
			at++
		}
		if at+3 > len(l.names) { // a head has at most three bytes, and a value comes behind
			return bad()
		}
		var shared, size int
		at, shared, size = l.head(at)
		if first && shared > 0 || shared > len(name) || at+size+2 > len(l.names) || shared+size == 0 || shared+size > MaxName {
			return bad()
		}
		rest, before := l.names[at:at+size], name[shared:]
		if i > 0 && rest <= string(before) {
			return bad()
		}
		// What is shared must be all that is, for scan goes by it.
		if !first && len(before) > 0 && before[0] == rest[0] {
			return bad()
		}
		name = append(name[:shared], rest...)
		if name[0] == '.' || name[len(name)-1] == '.' || int(u16(l.names, at+size)&^hasRules) > t.Apps() {
			return bad()
		}
		at += size + 2
	}
	if at != len(l.names) {
		return errors.New("bytes behind the names")
	}
	return nil
}

func (t *Table) checkRules() error {
	last := uint32(0)
	for at := 0; at < len(t.rules); at += ruleSize {
		name, from, size := u32(t.rules, at), u32(t.rules, at+4), t.rules[at+10]
		if name < last || int(name) >= t.Domains() || uint64(from)+uint64(size) > uint64(len(t.text)) || size == 0 || int(u16(t.rules, at+8)) >= t.Apps() {
			return fmt.Errorf("host rule %d", at/ruleSize)
		}
		last = name
	}
	return nil
}

func (t *Table) checkRanges() error {
	for i := 0; i < len(t.range4); i += range4Size {
		if i > 0 && u32(t.range4, i) <= u32(t.range4, i-range4Size) || t.range4[i+4] > 32 || int(u16(t.range4, i+6)) > t.Apps() {
			return fmt.Errorf("address range %d of IPv4", i/range4Size)
		}
	}
	for i := 0; i < len(t.range6); i += range6Size {
		if i > 0 && t.range6[i:i+16] <= t.range6[i-range6Size:i-range6Size+16] || t.range6[i+16] > 128 || int(u16(t.range6, i+18)) > t.Apps() {
			return fmt.Errorf("address range %d of IPv6", i/range6Size)
		}
	}
	return nil
}

func (t *Table) checkTwins() error {
	for at := 0; at < len(t.twins); at += twinSize {
		if int(u16(t.twins, at+2)) >= t.Apps() {
			return fmt.Errorf("protocol %d", u16(t.twins, at))
		}
	}
	return nil
}
