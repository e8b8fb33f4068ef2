package source

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// ReadConf reads the text form of netify-apps.conf: one entry a line, # begins
// a comment.
//
//	app:ID:TAG  dom:ID:NAME  net:ID:PREFIX  nsd:APP:PROTOCOL:BASE64  xfm:REGEX:REPLACEMENT
//
// Of a domain that is given twice the first counts. Every bad line is an error.
func ReadConf(path, text string) (*File, error) {
	c := &conf{file: &File{Path: path}, apps: map[uint32]*App{}}
	line := 0
	for row := range strings.Lines(text) {
		line++
		row = strings.TrimSpace(row)
		if row == "" || row[0] == '#' {
			continue
		}
		if err := c.entry(row, line); err != nil {
			if c.errs.Add(path, line, "%v", err); c.errs.Many() {
				break
			}
		}
	}
	if err := c.errs.OrNil(); err != nil {
		return nil, err
	}
	return c.file, nil
}

type conf struct {
	file *File
	apps map[uint32]*App
	seen map[string]bool
	errs Errors
}

func (c *conf) entry(row string, line int) error {
	kind, rest, _ := strings.Cut(row, ":")
	first, value, ok := strings.Cut(rest, ":")
	if !ok || value == "" && kind != "xfm" {
		return fmt.Errorf("want app:ID:TAG, dom:ID:NAME, net:ID:PREFIX, nsd:APP:PROTOCOL:BASE64 or xfm:REGEX:REPLACEMENT")
	}
	switch kind {
	case "xfm":
		c.file.Rewrites = append(c.file.Rewrites, Rewrite{line, Fact{first, line}, Fact{value, line}})
		return nil
	case "nsd":
		return c.soft(first, value, line)
	case "app", "dom", "net":
	default:
		return fmt.Errorf("unknown kind of entry %s: want app, dom, net, nsd or xfm", short(kind))
	}
	id, err := strconv.ParseUint(first, 10, 32)
	if err != nil || id == 0 {
		return fmt.Errorf("%s is no identifier: want a number from 1", short(first))
	}
	a := c.of(uint32(id), line)
	switch kind {
	case "app":
		if a.IsNew {
			return fmt.Errorf("application %d is already in line %d", id, a.Line)
		}
		a.Tag, a.Line, a.IsNew = value, line, true
	case "dom":
		if c.seen == nil {
			c.seen = map[string]bool{}
		}
		if name := strings.ToLower(value); !c.seen[name] {
			c.seen[name] = true
			a.Domains = append(a.Domains, Fact{value, line})
		}
	case "net":
		a.Networks = append(a.Networks, Fact{value, line})
	}
	return nil
}

func (c *conf) of(id uint32, line int) *App {
	a := c.apps[id]
	if a == nil {
		a = &App{Line: line, ID: id}
		c.apps[id] = a
		c.file.Apps = append(c.file.Apps, a)
	}
	return a
}

func (c *conf) soft(app, rest string, line int) error {
	protocol, code, ok := strings.Cut(rest, ":")
	if !ok {
		return fmt.Errorf("want nsd:APP:PROTOCOL:BASE64")
	}
	expr, err := base64.StdEncoding.DecodeString(code)
	if err != nil {
		return fmt.Errorf("the expression is no base64: %v", err)
	}
	s := Soft{Line: line, When: Fact{string(expr), line}}
	for _, part := range []struct {
		text string
		to   *Fact
	}{{app, &s.App}, {protocol, &s.Protocol}} {
		if part.text == "-1" {
			continue
		}
		if _, err := strconv.ParseUint(part.text, 10, 32); err != nil {
			return fmt.Errorf("%s is no identifier: want a number, or -1 to leave it as it is", short(part.text))
		}
		*part.to = Fact{part.text, line}
	}
	c.file.Softs = append(c.file.Softs, s)
	return nil
}
