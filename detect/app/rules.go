package app

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"netifyd/core/expr"
	"netifyd/core/proto"
	"netifyd/detect/app/internal/source"
)

// soft gives flows for which an expression holds an application, a protocol, or both.
type soft struct {
	when     *expr.Program
	app      *App     // nil: left as it is
	protocol proto.ID // Unknown: left as it is
	origin   string
}

// HasSoft says whether Soften can say anything.
func (c *Catalogue) HasSoft() bool { return len(c.softs) > 0 }

// Soften asks the soft dissectors in the order of files and lines; the first
// that holds speaks. a is nil, or id Unknown, where it leaves that as it is. It
// does not allocate.
func (c *Catalogue) Soften(in *expr.Input) (a *App, id proto.ID, ok bool) {
	for i := range c.softs {
		if s := &c.softs[i]; s.when.Match(in) {
			return s.app, s.protocol, true
		}
	}
	return nil, proto.Unknown, false
}

// rewrite changes host names before they are looked up.
type rewrite struct {
	match   *expr.Pattern
	replace []byte
	origin  string
}

// rewritten is the name that is looked up. It allocates only where a rule fits.
func (c *Catalogue) rewritten(name []byte) []byte {
	if len(c.rewrites) == 0 || len(name) > 255 {
		return name
	}
	if n := len(name); n > 0 && name[n-1] == '.' {
		name = name[:n-1]
	}
	for i := range c.rewrites {
		if r := &c.rewrites[i]; r.match.Match(name) {
			if name = r.match.ReplaceAll(name, r.replace); len(name) > 255 {
				break
			}
		}
	}
	return name
}

// rulesSize is about the memory of the rules.
func (c *Catalogue) rulesSize() (n int) {
	for i := range c.softs {
		n += 512 + c.softs[i].when.Size()
	}
	for i := range c.rewrites {
		n += 512 + expr.Size(c.rewrites[i].match)
	}
	return n
}

// Limits of rules in all files together.
const (
	maxSofts    = 1000
	maxRewrites = 100
)

// rules adds the rules of one file.
func (l *loader) rules(c *Catalogue, f *source.File) {
	for _, s := range f.Softs {
		if l.errs.Many() || l.over(f.Path) {
			return
		}
		if len(c.softs) == maxSofts {
			l.errs.Add(f.Path, line(s.When, s.Line), "more than %d rules", maxSofts)
			break
		}
		r, err := l.soft(c, s)
		var skip unknownNumber
		switch {
		case errors.As(err, &skip):
			l.warn(f.Path, s.Line, "%v: the rule is left out", err)
			continue
		}
		if err != nil {
			l.errs.Add(f.Path, line(s.When, s.Line), "%v", err)
			continue
		}
		if err := l.spent.grow(r.when.Size()); err != nil {
			l.errs.Add(f.Path, line(s.When, s.Line), "%v", err)
			return
		}
		r.origin = fmt.Sprintf("%s:%d", f.Path, s.Line)
		c.softs = append(c.softs, r)
	}
	for _, w := range f.Rewrites {
		if l.errs.Many() || l.over(f.Path) {
			return
		}
		re, err := expr.Regexp(w.Match.Text)
		switch {
		case w.Match.Text == "":
			err = errors.New("the rewrite has no match: want a regular expression")
		case err == nil && len(c.rewrites) == maxRewrites:
			err = fmt.Errorf("more than %d rewrites", maxRewrites)
		}
		if err != nil {
			l.errs.Add(f.Path, line(w.Match, w.Line), "%v", err)
			continue
		}
		re.Longest() // as POSIX expressions do, of which the text form was made
		c.rewrites = append(c.rewrites, rewrite{re, []byte(template(w.Replace.Text)), fmt.Sprintf("%s:%d", f.Path, w.Line)})
	}
}

func line(f source.Fact, other int) int {
	if f.Line > 0 {
		return f.Line
	}
	return other
}

// unknownNumber is an identifier of netifyd that means nothing here. Long lists
// are not refused for it.
type unknownNumber string

func (e unknownNumber) Error() string { return string(e) }

func (l *loader) soft(c *Catalogue, s source.Soft) (r soft, err error) {
	if s.When.Text == "" {
		return r, errors.New("the rule has no when: want a flow expression")
	}
	if s.App.Text == "" && s.Protocol.Text == "" {
		return r, errors.New("the rule sets nothing: give it an app or a protocol")
	}
	if r.when, err = expr.Compile(s.When.Text, c.CategoryID); err != nil {
		return r, err
	}
	if s.App.Text != "" {
		if r.app, err = c.named(s.App.Text); err != nil {
			return r, err
		}
	}
	if s.Protocol.Text != "" {
		if r.protocol, err = source.Protocol(s.Protocol.Text); err != nil && isNumber(s.Protocol.Text) {
			err = unknownNumber(err.Error())
		}
	}
	return r, err
}

func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 32)
	return err == nil
}

// named finds an application by its tag or number.
func (c *Catalogue) named(text string) (*App, error) {
	n, err := strconv.ParseUint(text, 10, 32)
	for _, a := range c.apps {
		if a.Tag == text || err == nil && uint64(a.ID) == n {
			return a, nil
		}
	}
	if err == nil {
		return nil, unknownNumber("there is no application " + text)
	}
	return nil, fmt.Errorf("there is no application %q", text)
}

// template turns a replacement with $1, $& or \1 into Go's form.
func template(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		var next byte
		if i+1 < len(s) {
			next = s[i+1]
		}
		switch {
		case (c == '$' || c == '\\') && next >= '0' && next <= '9':
			fmt.Fprintf(&b, "${%c}", next)
			i++
		case c == '$' && next == '&':
			b.WriteString("${0}")
			i++
		case c == '$' && next == '$':
			b.WriteString("$$")
			i++
		case c == '$':
			b.WriteString("$$")
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
