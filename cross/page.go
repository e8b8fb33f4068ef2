package main

import (
	"fmt"
	"regexp"
	"strings"
)

// page makes a manual page from a page of docs, so that the two never differ:
// headings, paragraphs, indented blocks, lists and tables, which is what the
// pages have.
func page(name, section, about, markdown string) string {
	p := &pager{}
	fmt.Fprintf(&p.b, ".Dd January 1, 2026\n.Dt %s %s\n.Os\n.Sh NAME\n.Nm %s\n.Nd %s\n.Sh DESCRIPTION\n", strings.ToUpper(name), section, name, about)
	lines := strings.Split(strings.TrimSpace(markdown), "\n")
	for n := 0; n < len(lines); {
		n += p.part(lines[n:])
	}
	p.b.WriteString(".Sh SEE ALSO\n.Xr netifyd 8\n")
	return p.b.String()
}

type pager struct {
	b    strings.Builder
	open bool // a heading was just written: no paragraph is begun
}

var (
	link     = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	numbered = regexp.MustCompile(`^[0-9]+\. `)
)

// part writes what the first line begins, and gives its number of lines.
func (p *pager) part(lines []string) int {
	line := lines[0]
	switch {
	case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "# ") || strings.HasPrefix(line, "<!--"):
		return 1
	case strings.HasPrefix(line, "## "):
		fmt.Fprintf(&p.b, ".Sh %s\n", inline(strings.ToUpper(line[3:])))
		p.open = true
		return 1
	case strings.HasPrefix(line, "### "):
		fmt.Fprintf(&p.b, ".Ss %s\n", inline(line[4:]))
		p.open = true
		return 1
	case strings.HasPrefix(line, "    "):
		return p.block(lines)
	case strings.HasPrefix(line, "|"):
		return p.table(lines)
	case strings.HasPrefix(line, "* "):
		return p.list(lines, "-bullet", func(s string) bool { return strings.HasPrefix(s, "* ") })
	case numbered.MatchString(line):
		return p.list(lines, "-enum", numbered.MatchString)
	}
	n := until(lines, func(s string) bool { return s == "" || strings.HasPrefix(s, "|") || strings.HasPrefix(s, "    ") })
	if !p.open {
		p.b.WriteString(".Pp\n")
	}
	p.open = false
	p.b.WriteString(sentences(inline(strings.Join(lines[:n], " "))))
	return n
}

// until is the number of lines before the first that ends a part.
func until(lines []string, ends func(string) bool) int {
	n := 1
	for n < len(lines) && !ends(lines[n]) {
		n++
	}
	return n
}

func inline(s string) string { return strings.ReplaceAll(link.ReplaceAllString(s, "$1"), "`", "") }

func (p *pager) block(lines []string) int {
	n := until(lines, func(s string) bool { return s != "" && !strings.HasPrefix(s, "    ") })
	p.b.WriteString(".Bd -literal -offset indent\n")
	for _, l := range strings.Split(strings.TrimRight(strings.Join(lines[:n], "\n"), "\n"), "\n") {
		l = strings.ReplaceAll(strings.TrimPrefix(l, "    "), `\`, `\e`)
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			l = `\&` + l
		}
		p.b.WriteString(l + "\n")
	}
	p.b.WriteString(".Ed\n")
	p.open = false
	return n
}

func (p *pager) list(lines []string, kind string, begins func(string) bool) int {
	n := until(lines, func(s string) bool { return s == "" || !begins(s) && !strings.HasPrefix(s, "  ") })
	fmt.Fprintf(&p.b, ".Bl %s\n", kind)
	for at := 0; at < n; {
		end := at + until(lines[at:n], begins)
		text := strings.Join(lines[at:end], " ")
		_, text, _ = strings.Cut(text, " ")
		p.b.WriteString(".It\n" + sentences(inline(strings.Join(strings.Fields(text), " "))))
		at = end
	}
	p.b.WriteString(".El\n")
	p.open = false
	return n
}

// table becomes a list: the first cell names the others.
func (p *pager) table(lines []string) int {
	n := until(lines, func(s string) bool { return !strings.HasPrefix(s, "|") })
	head := cells(lines[0])
	p.b.WriteString(".Bl -tag -width indent\n")
	for _, l := range lines[min(2, n):n] {
		row := cells(l)
		fmt.Fprintf(&p.b, ".It %s\n", quoted(strings.ReplaceAll(inline(row[0]), `\`, `\e`)))
		var said []string
		for i, c := range row[1:] {
			if i+1 < len(head) && head[i+1] != "" && len(head) > 2 && c != "" {
				c = head[i+1] + ": " + c
			}
			said = append(said, c)
		}
		p.b.WriteString(sentences(inline(strings.Join(said, "; "))))
	}
	p.b.WriteString(".El\n")
	p.open = false
	return n
}

func cells(line string) []string {
	all := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}
