//go:build !no_rx && !tiny

package expr

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// Bounds of a regular expression: bytes, and instructions that it compiles to.
const (
	maxRegexp  = 256
	maxProgram = 2000
)

// perInstruction is what an instruction of a pattern takes, about, with what
// matching it takes; perPattern is what any pattern takes beside them.
const (
	perInstruction = 120
	perPattern     = 1536
)

// Size is about the memory of a pattern.
func Size(p *Pattern) int { return p.bytes }

// Pattern is a compiled regular expression.
type Pattern struct {
	*regexp.Regexp
	bytes int
}

// Regexp compiles a regular expression (RE2) that does not mind letter case,
// within bounds: 256 bytes, 2000 instructions.
func Regexp(text string) (*Pattern, error) {
	if len(text) > maxRegexp {
		return nil, fmt.Errorf("the regular expression is longer than %d bytes", maxRegexp)
	}
	tree, err := syntax.Parse(text, syntax.Perl|syntax.FoldCase)
	if err != nil {
		return nil, fmt.Errorf("the regular expression is wrong: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil || len(prog.Inst) > maxProgram {
		return nil, errors.New("the regular expression is too costly: write fewer or smaller repetitions")
	}
	rx, err := regexp.Compile("(?i:" + text + ")")
	if err != nil {
		return nil, err
	}
	return &Pattern{rx, perPattern + len(prog.Inst)*perInstruction}, nil
}
