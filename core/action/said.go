package action

import (
	"cmp"
	"fmt"
	"strings"

	"netifyd/core/config"
)

// What is wrong with a document is said with its file and the line of the key.

func (c *compiler) fail(format string, args ...any) {
	c.errs = append(c.errs, &config.Error{Path: c.doc.Path, Line: c.line, Text: fmt.Sprintf(format, args...)})
}

func (c *compiler) warn(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !c.said[text] {
		c.said[text] = true
		c.warnings = append(c.warnings, config.Warning{Path: c.doc.Path, Line: c.line, Text: text})
	}
}

// enter goes to an element of a table that was read at a line.
func (c *compiler) enter(table string, i, line int) {
	c.part, c.line = fmt.Sprintf("%s[%d]", table, i), line
}

// look goes to a key of the part, or to an item of its list; where the line of neither is
// known it stays at that of the part.
func (c *compiler) look(key string, item int) {
	key = c.part + "." + key
	c.line = cmp.Or(c.doc.Lines[fmt.Sprintf("%s[%d]", key, item)], config.LineOf(c.doc.Lines, key), c.line)
}

// lookFor goes to the key of the part that a message names first, with or without the s of a list.
func (c *compiler) lookFor(message string) {
	for _, word := range strings.Fields(message) {
		word = strings.TrimRight(word, ":,")
		for _, key := range []string{word, word + "s"} {
			if line := c.doc.Lines[c.part+"."+key]; line > 0 {
				c.line = line
				return
			}
		}
	}
}
