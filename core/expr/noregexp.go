//go:build no_rx || tiny

package expr

import "errors"

// Pattern stands for a regular expression, which this build has none of.
type Pattern struct{}

// Regexp always fails.
func Regexp(string) (*Pattern, error) {
	return nil, errors.New("this build has no regular expressions: name the hosts, or take the package netifyd-go for netifyd-go-tiny")
}

// Size is 0: there is none.
func Size(*Pattern) int { return 0 }

func (*Pattern) Match([]byte) bool                { return false }
func (*Pattern) ReplaceAll(name, _ []byte) []byte { return name }
func (*Pattern) Longest()                         {}
