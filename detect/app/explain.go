package app

import (
	"fmt"
	"net/netip"
	"strings"

	"netifyd/core/proto"
)

// Explain says in a few lines what a host name, an address or a protocol is
// known as, and by which entry of which file.
func (c *Catalogue) Explain(what string) string {
	var b strings.Builder
	if addr, err := netip.ParseAddr(strings.Trim(what, "[]")); err == nil {
		fmt.Fprintf(&b, "address %s\n", addr)
		c.explainAddress(&b, addr)
		return b.String()
	}
	if id, ok := proto.Parse(what); ok && !strings.Contains(what, ".") {
		fmt.Fprintf(&b, "protocol %s\n", id.Name())
		a := c.Twin(id)
		c.describe(&b, a)
		if a != nil {
			fmt.Fprintf(&b, "  the protocol stands for it%s\n", c.twinOrigin(id, a))
		}
		return b.String()
	}
	if a := c.called(what); a != nil {
		fmt.Fprintf(&b, "application %s\n", printable(what))
		c.describe(&b, a)
		return b.String()
	}
	c.explainHost(&b, what)
	return b.String()
}

// called finds an application by its tag, the part of it behind "netify.", or its name.
func (c *Catalogue) called(what string) *App {
	for _, a := range c.apps {
		if strings.EqualFold(a.Tag, what) || strings.EqualFold(a.Tag, "netify."+what) || strings.EqualFold(a.Label, what) {
			return a
		}
	}
	return nil
}

func (c *Catalogue) describe(b *strings.Builder, a *App) {
	if a == nil {
		b.WriteString("  no application\n")
		return
	}
	fmt.Fprintf(b, "  %s: %s, number %d, category %s\n", a.Tag, a.Label, a.ID, c.CategoryTag(a.Category))
}

func (c *Catalogue) explainAddress(b *strings.Builder, addr netip.Addr) {
	a, by, in := c.address(addr)
	c.describe(b, a)
	if a == nil {
		return
	}
	n, _, _ := by.Address(addr)
	fmt.Fprintf(b, "  by the network %s, %s\n", in, by.where(n))
	lastResort(b, a)
}

func (c *Catalogue) explainHost(b *strings.Builder, what string) {
	fmt.Fprintf(b, "host name %s\n", printable(what))
	name := c.rewritten([]byte(what))
	if looked := string(name); !strings.EqualFold(looked, strings.TrimSuffix(what, ".")) && len(c.rewrites) > 0 {
		fmt.Fprintf(b, "  looked up as %s, by the rewrites of %s\n", printable(looked), c.rewriters())
	}
	a, by := c.host(name)
	c.describe(b, a)
	if a != nil {
		domain := strings.ToLower(string(by.name[by.hit.From:]))
		if by.hit.Rule >= 0 {
			fmt.Fprintf(b, "  by the host rule %s.%s, %s\n", by.layer.Rule(by.hit.Rule), domain, by.layer.where(by.hit.App))
		} else {
			fmt.Fprintf(b, "  by the domain %s, %s\n", domain, by.layer.where(by.hit.App))
		}
		lastResort(b, a)
	}
	if n := c.DomainCategory([]byte(what)); n != 0 {
		fmt.Fprintf(b, "  domain category %s, by the lists of domains\n", c.CategoryTag(n))
	}
}

// rewriters are the places of all rewrites.
func (c *Catalogue) rewriters() string {
	var from []string
	for i := range c.rewrites {
		from = append(from, c.rewrites[i].origin)
	}
	return strings.Join(from, ", ")
}

func lastResort(b *strings.Builder, a *App) {
	if a.Network {
		b.WriteString("  a content network or hosting company: any other evidence goes before it\n")
	}
}

// where is the place of an entry.
func (l *layer) where(n int) string {
	if l.origin == nil {
		return l.from
	}
	return l.origin[n]
}

func (c *Catalogue) twinOrigin(id proto.ID, a *App) (out string) {
	for i := range c.layers {
		l := &c.layers[i]
		l.Twins(func(p uint16, app int) {
			if proto.ID(p) == id && l.apps[app] == a && out == "" {
				out = ", " + l.where(app)
			}
		})
	}
	return out
}

// printable is a text without what could upset a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '?'
		}
		return r
	}, s)
}
