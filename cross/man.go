package main

import (
	"fmt"
	"strings"
)

// manual makes netifyd.toml(5) from the configuration that shows every key
// with its default, so that the two never differ. The form of that file: a
// blank line between sections; a section is lines of comment, a table header
// (behind a # where the table is optional), then for each key its comment and
// the key behind a #.
func manual(toml string) string {
	var b strings.Builder
	b.WriteString(".Dd January 1, 2026\n.Dt NETIFYD.TOML 5\n.Os\n.Sh NAME\n.Nm netifyd.toml\n.Nd configuration of netifyd\n.Sh DESCRIPTION\n")
	sections := strings.Split(strings.TrimSpace(toml), "\n\n")
	b.WriteString(sentences(comment(strings.Split(sections[0], "\n"))))
	for _, s := range sections[1:] {
		section(&b, strings.Split(s, "\n"))
	}
	b.WriteString(".Sh FILES\n.Bl -tag -width indent -compact\n.It Pa /etc/netifyd.toml\n.El\n.Sh SEE ALSO\n.Xr netifyd 8\n")
	return b.String()
}

func section(b *strings.Builder, lines []string) {
	var text []string
	open := false
	for _, line := range lines {
		bare := strings.TrimLeft(line, "# ")
		switch {
		case strings.HasPrefix(bare, "["):
			fmt.Fprintf(b, ".Sh %s\n%s.Bl -tag -width indent\n", strings.ToUpper(strings.Trim(bare, "[]")), sentences(comment(text)))
			text, open = nil, true
		case isKey(line):
			key, value, _ := strings.Cut(bare, " = ")
			fmt.Fprintf(b, ".It Ic %s No = Li %s\n%s", key, quoted(value), sentences(comment(text)))
			text = nil
		default:
			text = append(text, line)
		}
	}
	if open {
		b.WriteString(".El\n")
	}
}

// isKey tells "#key = value" and "# key = value" from prose: prose has no
// lone name before " = ".
func isKey(line string) bool {
	key, _, found := strings.Cut(strings.TrimLeft(line, "# "), " = ")
	return found && key != "" && strings.Trim(key, "abcdefghijklmnopqrstuvwxyz_") == ""
}

func comment(lines []string) string {
	var words []string
	for _, l := range lines {
		words = append(words, strings.Fields(strings.TrimLeft(l, "#"))...)
	}
	return strings.Join(words, " ")
}

// sentences puts each sentence on a line, as mdoc wants, and hides what troff would take for itself.
func sentences(text string) string {
	if text == "" {
		return ""
	}
	text = strings.ReplaceAll(text, `\`, `\e`)
	var b strings.Builder
	for _, line := range strings.Split(strings.ReplaceAll(text, ". ", ".\n"), "\n") {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			line = `\&` + line
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// quoted keeps quotes and blanks of an argument of a macro.
func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
