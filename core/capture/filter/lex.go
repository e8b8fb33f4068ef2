package filter

import "strings"

// word is a name, a number, an address, or an operator.
type word struct {
	text   string
	column int  // from 1
	id     bool // not a keyword: escaped with a backslash
	symbol bool
}

// is says whether w is this keyword or symbol.
func (w word) is(text string) bool { return !w.id && w.text == text }

// symbols, the longest first.
var symbols = []string{"&&", "||", "<<", ">>", "<=", ">=", "!=", "==",
	"(", ")", "[", "]", "!", "=", "<", ">", "+", "-", "*", "/", "%", "&", "|", "^", ":"}

// same are spellings that mean a keyword or another symbol.
var same = map[string]string{"&&": "and", "||": "or", "!": "not", "==": "="}

func letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.'
}

// lex cuts a filter into words. A name may hold "-", and an address ":", except
// within brackets, where they are operators.
func lex(text string) ([]word, error) {
	var words []word
	depth := 0
	for at := 0; at < len(text); {
		switch c := text[at]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			at++
		case c == '\\':
			n := nameLength(text[at+1:], depth)
			if n == 0 {
				return nil, &Error{at + 1, "a backslash goes before a name"}
			}
			words = append(words, word{text: text[at+1 : at+1+n], column: at + 1, id: true})
			at += 1 + n
		case letter(c) || depth == 0 && strings.HasPrefix(text[at:], "::"):
			n := nameLength(text[at:], depth)
			words = append(words, word{text: text[at : at+n], column: at + 1})
			at += n
		default:
			s := symbolAt(text[at:])
			if s == "" {
				return nil, &Error{at + 1, "character " + quote(text[at:]) + " means nothing in a filter"}
			}
			w := word{text: s, column: at + 1, symbol: true}
			if other, ok := same[s]; ok {
				w.text, w.symbol = other, other == "="
			}
			words = append(words, w)
			switch s {
			case "[":
				depth++
			case "]":
				depth = max(depth-1, 0)
			}
			at += len(s)
		}
	}
	return words, nil
}

// quote the first character of text.
func quote(text string) string {
	for _, r := range text {
		return "\"" + string(r) + "\""
	}
	return ""
}

func symbolAt(text string) string {
	for _, s := range symbols {
		if strings.HasPrefix(text, s) {
			return s
		}
	}
	return ""
}

// nameLength is how many bytes of text are one name, number or address.
func nameLength(text string, depth int) int {
	n := 0
	for n < len(text) && (letter(text[n]) || depth == 0 && (text[n] == ':' || text[n] == '-')) {
		n++
	}
	for n > 0 && text[n-1] == '-' {
		n--
	}
	return n
}
