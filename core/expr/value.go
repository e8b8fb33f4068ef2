package expr

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"netifyd/core/proto"
)

// value reads what a field is compared with.
func (p *parser) value(t *test, s string) (err error) {
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
		if t.num, err = oneOf(s, f.list); t.num == 3 && f == fields["origin"] { // two names of one thing
			t.num = uint64(OriginOther)
		}
	case text:
		t.text = strings.TrimPrefix(s, "tunnel_")
		if f == fields["tunnel_type"] && t.text == "none" {
			t.text = ""
		}
	case mac:
		var hw net.HardwareAddr
		if hw, err = net.ParseMAC(s); err == nil && len(hw) == 6 {
			copy(t.mac[:], hw)
		} else {
			err = fmt.Errorf("%s is no hardware address", s)
		}
	case address:
		t.prefix, err = parsePrefix(s)
	case application:
		err = applicationValue(t, s)
	case protocol:
		err = protocolValue(t, s)
	case category:
		t.num, err = p.categoryValue(s)
	case protocolCategory:
		t.num, err = protocolCategoryValue(s)
	case risk:
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
	if strings.HasPrefix(s, "@") {
		return netip.Prefix{}, errors.New("groups of addresses are not known: write the prefix")
	}
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

// bareTag is an application's tag without what all of them begin with.
func bareTag(tag string) string {
	const common = "netify."
	if len(tag) > len(common) && strings.EqualFold(tag[:len(common)], common) {
		return tag[len(common):]
	}
	return tag
}

func applicationValue(t *test, s string) error {
	if n, err := parseNumber(s, t.field.max); err == nil {
		t.num = n
		return nil
	}
	if s == "" {
		return errors.New("want a tag, as 'netify.netflix', or a number")
	}
	t.text = bareTag(s)
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
	if p.categories != nil {
		if id, ok := p.categories(strings.ToLower(s)); ok {
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
	for n, name := range risks {
		if name != "" && strings.EqualFold(name, s) {
			return uint64(n), nil
		}
	}
	return 0, fmt.Errorf("%s is no risk", s)
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
	for other := range fields {
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
