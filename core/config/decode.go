//go:build !no_toml && !tiny

package config

import (
	"errors"
	"strings"

	"github.com/BurntSushi/toml"
)

// decode parses a TOML document. A message says what is wrong with it, from
// byte at on; -1: it is not known where.
func decode(text string) (doc map[string]any, at int, message string) {
	_, err := toml.Decode(text, &doc)
	if err == nil {
		return doc, 0, ""
	}
	p := toml.ParseError{}
	if !errors.As(err, &p) || p.Message == "" {
		return nil, -1, strings.TrimPrefix(err.Error(), "toml: ")
	}
	message = strings.TrimSuffix(p.Message, ".")
	if !strings.HasPrefix(message, "TOML") {
		message = strings.ToLower(message[:1]) + message[1:]
	}
	return nil, min(max(0, p.Position.Start), len(text)), message
}
