package source

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// Domain is the lower-case form of a listed domain: letters, digits, - and _ in
// labels of at most 63 bytes, 253 in all, without a final dot.
func Domain(text string) (string, error) {
	name := strings.ToLower(strings.TrimSuffix(text, "."))
	switch {
	case name == "":
		return "", errors.New("an empty name")
	case strings.Contains(name, "/"):
		return "", fmt.Errorf("%s is no host name: leave out the scheme and the path", short(text))
	case strings.HasPrefix(name, ".") || strings.HasPrefix(name, "*."):
		return "", fmt.Errorf("%s: leave out what stands before the name, sub-domains are always meant", short(text))
	case len(name) > 253:
		return "", fmt.Errorf("%s is too long for a host name", short(text))
	case strings.Count(name, ".") >= 12:
		return "", fmt.Errorf("%s has more than 12 labels", short(text))
	}
	for label := range strings.SplitSeq(name, ".") {
		if err := checkLabel(label, ""); err != nil {
			return "", fmt.Errorf("%s is no host name: %v", short(text), err)
		}
	}
	return name, nil
}

func checkLabel(label, more string) error {
	switch {
	case label == "":
		return errors.New("a label is empty")
	case len(label) > 63:
		return errors.New("a label is longer than 63 bytes")
	case label[0] == '-' || label[len(label)-1] == '-':
		return errors.New("a label begins or ends with -")
	}
	for _, c := range label {
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || strings.ContainsRune(more, c):
		case c >= 0x80:
			return errors.New("write what is not ASCII in its xn-- form")
		default:
			return fmt.Errorf("it has a %q", c)
		}
	}
	return nil
}

// HostRule is the lower-case form of a host rule: a name in which * stands for
// any part of one label. At least the last two labels have none.
func HostRule(text string) (string, error) {
	name := strings.ToLower(strings.TrimSuffix(text, "."))
	labels := strings.Split(name, ".")
	star := strings.LastIndexByte(name, '*')
	switch {
	case star < 0:
		return "", fmt.Errorf("%s has no *: write it among the domains", short(text))
	case strings.Count(name[star:], ".") < 2:
		return "", fmt.Errorf("%s: the last two labels may not have a *", short(text))
	case len(name) > 200 || len(labels) > 12:
		return "", fmt.Errorf("%s is too long", short(text))
	}
	for _, label := range labels {
		if err := checkLabel(label, "*"); err != nil && !strings.Contains(label, "*") {
			return "", fmt.Errorf("%s is no host rule: %v", short(text), err)
		} else if err != nil && (label == "" || checkLabel(strings.ReplaceAll(label, "*", "x"), "") != nil) {
			return "", fmt.Errorf("%s is no host rule: %v", short(text), err)
		}
	}
	return name, nil
}

// Network is a prefix, or an address, as of remote hosts.
func Network(text string) (netip.Prefix, error) {
	if !strings.Contains(text, "/") {
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" {
			return netip.Prefix{}, fmt.Errorf("%s is no prefix: want 192.0.2.0/24 or 2001:db8::/32", short(text))
		}
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return p, fmt.Errorf("%s is no prefix: want 192.0.2.0/24 or 2001:db8::/32", short(text))
	case p.Addr().Is4In6():
		return p, fmt.Errorf("%s: write the prefix as IPv4", short(text))
	case p != p.Masked():
		return p, fmt.Errorf("%s has bits behind its length: write %s", short(text), p.Masked())
	}
	return p, nil
}

// Tag says what is wrong with an application's tag: lower-case letters, digits
// and . - _ , beginning with a letter or digit, at most 64 bytes.
func Tag(tag string) error {
	ok := tag != "" && len(tag) <= 64 && strings.IndexByte(".-_", tag[0]) < 0
	for i := range len(tag) {
		c := tag[i]
		ok = ok && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.IndexByte(".-_", c) >= 0)
	}
	if !ok {
		return fmt.Errorf("%s is no tag: want lower-case letters, digits, dots and hyphens, as netify.netflix or home.nas", short(tag))
	}
	return nil
}

// maxLabel is the length of a label, in bytes.
const maxLabel = 100

// Label says what is wrong with an application's label.
func Label(label string) error {
	if len(label) > maxLabel {
		return fmt.Errorf("the label has more than %d bytes", maxLabel)
	}
	for _, c := range label {
		if c < ' ' || c == 0x7f {
			return errors.New("the label has a control character")
		}
	}
	return nil
}
