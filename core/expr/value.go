package expr

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"netifyd/core/proto"
	"netifyd/core/risk"
)

// value reads what a field, by the name that it was written with, is compared with.
func (p *parser) value(t *test, name, s string) (err error) {
	if tag, ok := strings.CutPrefix(s, "@"); ok && (t.field.form == mac || t.field.form == address || t.field.form == device) {
		return p.groupValue(t, tag)
	}
	switch f := t.field; f.form {
	case number:
		t.num, err = parseNumber(s, f.max)
	case version:
		if t.num, err = parseNumber(s, 6); err == nil && t.num != 4 && t.num != 6 {
			err = errors.New("want 4 or 6")
		}
	case boolean:
		t.num, err = oneOf(s, []string{"false", "true"})
	case class:
		if t.num, err = oneOf(s, f.list); t.num == 3 && f == &originField { // two names of one thing
			t.num = uint64(OriginOther)
		}
	case text:
		t.text = strings.TrimPrefix(s, "tunnel_")
		if f == &tunnelField && t.text == "none" {
			t.text = ""
		}
	case iface:
		t.text, t.any = s, s == "*"
	case device:
		return p.deviceValue(t, s)
	case used:
		return p.usedValue(t, name, s)
	case mac:
		var ok bool
		if t.mac, ok = parseMAC(s); !ok {
			err = fmt.Errorf("%s is no hardware address", s)
		}
	case address:
		if t.prefix, err = parsePrefix(s); err == nil && t.prefix.Addr().Is4() {
			b := t.prefix.Addr().As4()
			t.is4, t.net, t.mask = true, binary.BigEndian.Uint32(b[:]), uint32(^uint64(0)<<(32-t.prefix.Bits()))
		}
	case application:
		err = p.applicationValue(t, s)
	case protocol:
		err = p.unless(t, s, protocolValue(t, s))
	case category:
		t.num, err = p.categoryValue(s)
		err = p.unless(t, s, err)
	case protocolCategory:
		t.num, err = protocolCategoryValue(s)
		err = p.unless(t, s, err)
	case riskName:
		t.num, err = riskValue(s)
	case host:
		err = hostValue(t, s)
	}
	return err
}

func parseNumber(s string, most uint64) (uint64, error) {
	digits, base := s, 10
	if rest, ok := strings.CutPrefix(strings.ToLower(s), "0x"); ok {
		digits, base = rest, 16
	}
	n, err := strconv.ParseUint(digits, base, 64)
	if err != nil || strings.ContainsAny(digits, "+_") {
		return 0, fmt.Errorf("%s is no number", s)
	}
	if n > most {
		return 0, fmt.Errorf("%s is too large, at most %d", s, most)
	}
	return n, nil
}

func oneOf(s string, list []string) (uint64, error) {
	for i, name := range list {
		if strings.EqualFold(s, name) {
			return uint64(i), nil
		}
	}
	return 0, fmt.Errorf("%s is none of %s", s, strings.Join(list, ", "))
}

func parsePrefix(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, fmt.Errorf("%s is no address or prefix", s)
	}
	return p.Masked(), nil
}

// BareTag is an application's tag without what all of them begin with.
func BareTag(tag string) string {
	const common = "netify."
	if len(tag) > len(common) && strings.EqualFold(tag[:len(common)], common) {
		return tag[len(common):]
	}
	return tag
}

// unless passes over an error where a tag that nothing has shall never hold.
func (p *parser) unless(t *test, s string, err error) error {
	if err != nil && p.names.Unknown != nil && s != "" {
		p.names.Unknown(s)
		t.never, err = true, nil
	}
	return err
}

func (p *parser) groupValue(t *test, tag string) error {
	if p.names.Group == nil {
		return errors.New("groups of addresses are known in rules only: write the prefix")
	}
	if t.group = p.names.Group(tag); t.group == nil {
		return fmt.Errorf("there is no group @%s: make it as a [[group]], or as a file NN-%s.conf of actions.groups_dir", tag, tag)
	}
	return nil
}

func (p *parser) deviceValue(t *test, s string) error {
	if p.names.Device == nil {
		return errors.New("devices are known in rules only: compare local_mac or local_ip")
	}
	if s == "" {
		return errors.New("want a device's name or address, or a @group")
	}
	if m, ok := ParseMembers([]string{s}); ok {
		t.group = NewGroup(m)
		return nil
	}
	t.group = p.names.Device(s)
	t.never = t.group == nil
	return nil
}

// usedValue turns a comparison of bytes into one with the group of those who used more.
func (p *parser) usedValue(t *test, name, s string) error {
	if p.names.Used == nil {
		return errors.New("what devices used is known in rules only, and where usage.enabled is true")
	}
	n, err := parseBytes(s)
	if err != nil {
		return err
	}
	more := t.cmp == greater || t.cmp == least
	if t.cmp == least || t.cmp == less {
		if n == 0 { // >= 0 always holds, < 0 never
			t.any, t.cmp = true, equal
			if !more {
				t.cmp = unequal
			}
			return nil
		}
		n--
	}
	t.cmp = unequal
	if more {
		t.cmp = equal
	}
	t.group = p.names.Used(strings.TrimPrefix(name, "usage."), n)
	t.never = t.group == nil
	return nil
}

// parseBytes reads a number of bytes, as 2GiB, 500MB or 1000.
func parseBytes(s string) (uint64, error) {
	digits := strings.TrimRight(strings.ToLower(s), "bikmgt")
	unit, ok := map[string]uint64{"": 1, "b": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12}[strings.ToLower(s)[len(digits):]]
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || !ok || n > 1<<62/unit {
		return 0, fmt.Errorf("%s is no number of bytes: want one such as 2GiB or 500MB", s)
	}
	return n * unit, nil
}

func (p *parser) applicationValue(t *test, s string) error {
	if n, err := parseNumber(s, t.field.max); err == nil {
		t.num = n
		return nil
	}
	if s == "" {
		return errors.New("want a tag, as 'netify.netflix', or a number")
	}
	if p.names.Application == nil {
		t.text = BareTag(s)
		return nil
	}
	id, ok := p.names.Application(strings.ToLower(BareTag(s)))
	if t.num = uint64(id); !ok {
		return p.unless(t, s, fmt.Errorf("%s is no application", s))
	}
	return nil
}

func protocolValue(t *test, s string) error {
	if n, err := parseNumber(s, t.field.max); err == nil {
		t.num = n
		return nil
	}
	id, ok := proto.Parse(s)
	if !ok {
		return fmt.Errorf("%s is no protocol", s)
	}
	t.num = uint64(id)
	return nil
}

func (p *parser) categoryValue(s string) (uint64, error) {
	if n, err := parseNumber(s, 255); err == nil {
		return n, nil
	}
	if p.names.Category != nil {
		if id, ok := p.names.Category(strings.ToLower(s)); ok {
			return uint64(id), nil
		}
	}
	return 0, fmt.Errorf("%s is no application category", s)
}

func protocolCategoryValue(s string) (uint64, error) {
	if n, err := parseNumber(s, 255); err == nil {
		return n, nil
	}
	for n := 1; n <= 255 && s != ""; n++ {
		if strings.EqualFold(proto.Category(n).String(), s) {
			return uint64(n), nil
		}
	}
	return 0, fmt.Errorf("%s is no protocol category", s)
}

func riskValue(s string) (uint64, error) {
	id, ok := risk.Parse(s)
	if !ok {
		return 0, fmt.Errorf("%s is no risk", s)
	}
	return uint64(id), nil
}

func hostValue(t *test, s string) (err error) {
	if rx, ok := strings.CutPrefix(s, "rx:"); ok {
		t.rx, err = Regexp(rx)
		return err
	}
	t.text = strings.TrimSuffix(strings.ToLower(s), ".")
	return nil
}

// nearest is a hint at a field of a similar name.
func nearest(name string) string {
	name = strings.ToLower(name)
	best, least := "", 4
	for i := range fields {
		other := fields[i].name
		if d := distance(name, other); d < least || d == least && other < best {
			best, least = other, d
		}
	}
	if best == "" || least > 3 {
		return ""
	}
	return ": did you mean " + best + "?"
}

// distance is how many letters must change, come or go.
func distance(a, b string) int {
	if len(a) > 32 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
