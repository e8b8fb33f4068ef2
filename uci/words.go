package uci

import "strings"

// word is one argument of a line.
type word struct {
	text   string
	line   int  // where it begins
	quoted bool // some of it stood in quotes or behind a backslash
	mark   bool // a semicolon of its own: an empty word
	waits  bool // the line goes on behind it, with nothing in it
}

// scanner walks over a text line by line. A line is what stands before a line
// feed that is neither quoted nor behind a backslash.
type scanner struct {
	text string
	at   int
	line int
}

// words gives the words of the next line that has any; none at the end of the
// text. open is the line of a quote that never ends, lost that of a semicolon
// with something behind it; 0 if there is none.
func (s *scanner) words() (words []word, open, lost int) {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == '\n':
			s.skip()
			if len(words) > 0 {
				return words, 0, lost
			}
		case blank(c):
			s.skip()
		case c == '#':
			s.restOfLine()
		case c == ';':
			s.skip()
			words = append(words, word{line: s.line, mark: true, waits: s.waits(false)})
		default:
			w, plain, unterminated := s.word(len(words) == 0)
			w.waits = s.waits(true)
			words = append(words, w)
			if unterminated > 0 {
				return words, unterminated, lost
			}
			// uci ends its copy of the word where the semicolon stood, so that it
			// sees nothing behind it; quotes make the copy shorter.
			if plain && s.at < len(s.text) && s.text[s.at] == ';' && strings.Trim(s.restOfLine(), "; \t\r") != "" {
				lost = w.line
			}
		}
	}
	return words, 0, lost
}

func blank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' && c != '\n' }

// waits says that nothing but blanks stands before the line feed. Behind a word
// there must be one.
func (s *scanner) waits(some bool) bool {
	rest := s.text[s.at:]
	behind := strings.TrimLeft(rest, " \t\v\f\r")
	return strings.HasPrefix(behind, "\n") && (!some || len(behind) < len(rest))
}

func (s *scanner) skip() {
	if s.text[s.at] == '\n' {
		s.line++
	}
	s.at++
}

// restOfLine skips what stands before the next line feed.
func (s *scanner) restOfLine() string {
	end := strings.IndexByte(s.text[s.at:], '\n')
	if end < 0 {
		end = len(s.text) - s.at
	}
	rest := s.text[s.at : s.at+end]
	s.at += end
	return rest
}

// word reads pieces, quoted and not, that stand side by side. plain says that
// there was neither a quote nor a backslash; open is the line of a quote that
// never ends. A vertical tab or a form feed does not end the first one.
func (s *scanner) word(first bool) (w word, plain bool, open int) {
	w.line, plain = s.line, true
	var b strings.Builder
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == '\n' || c == '#' || c == ';' || blank(c) && !(first && (c == '\v' || c == '\f')):
			w.text = b.String()
			return w, plain, 0
		case c == '\'' || c == '"':
			at := s.line
			w.quoted, plain = true, false
			if !s.quote(&b, c) {
				w.text = b.String()
				return w, plain, at
			}
		case c == '\\':
			w.quoted, plain = true, false
			s.escape(&b)
		default:
			b.WriteByte(c)
			s.skip()
		}
	}
	w.text = b.String()
	return w, plain, 0
}

// quote reads to the closing mark. Between ' nothing has a meaning, between "
// a backslash has. False: the text ends before.
func (s *scanner) quote(b *strings.Builder, mark byte) bool {
	s.skip()
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == mark:
			s.skip()
			return true
		case c == '\\' && mark == '"':
			s.escape(b)
		default:
			b.WriteByte(c)
			s.skip()
		}
	}
	return false
}

// escape takes the byte behind a backslash as it is; a line feed joins lines.
func (s *scanner) escape(b *strings.Builder) {
	s.skip()
	if s.at == len(s.text) {
		return
	}
	if c := s.text[s.at]; c != '\n' {
		b.WriteByte(c)
	}
	s.skip()
}
