package risk

//go:generate go run gen_pairs.go

// Classes of characters that the model of letter pairs tells apart: letters,
// digits, and the edge of a word, which a hyphen is too.
const (
	Classes = 28
	digit   = 26
	Edge    = 27
)

// Class is the class of a character of a host name.
func Class(c byte) int {
	switch {
	case 'a' <= c && c <= 'z':
		return int(c - 'a')
	case 'A' <= c && c <= 'Z':
		return int(c - 'A')
	case '0' <= c && c <= '9':
		return digit
	}
	return Edge
}

// What a name must show to look generated: letters, and a mean surprise for each
// pair, in sixteenths of a step of pairs. Shorter names have too few pairs. The
// bounds are those that one in 2000 names of the catalogue passes. Languages of
// which the catalogue has few names have pairs as rare, but hardly so many letters
// in a row that nobody can speak: without those, or a digit, a name must be rarer.
const (
	shortest     = 10
	longer       = 12
	rareShort    = 16 * 76 / 10
	rareLong     = 16 * 73 / 10
	rarestShort  = 16 * 83 / 10
	rarestLong   = 16 * 81 / 10
	unspoken     = 4 // consonants
	longestLabel = 63
)

// Generated says that the label which its owner chose looks drawn at random, as
// names do by which malware looks for its servers.
func Generated(host []byte) bool {
	label := OwnLabel(host)
	if n := len(label); n < shortest || n > longestLabel || isPunycode(label) {
		return false
	}
	sum, last, digits, row, most := 0, Edge, 0, 0, 0
	for _, c := range label {
		class := Class(c)
		switch {
		case class == digit:
			digits++
			row = 0
		case class == Edge || vowels[class]:
			row = 0
		default:
			row++
			most = max(most, row)
		}
		sum += surprise(last, class)
		last = class
	}
	sum += surprise(last, Edge)
	if digits*2 > len(label) {
		return false // numbers: a serial number, an address, a date
	}
	bound, rarest := rareShort, rarestShort
	if len(label) >= longer {
		bound, rarest = rareLong, rarestLong
	}
	if digits == 0 && most < unspoken {
		bound = rarest
	}
	return 16*sum > bound*(len(label)+1)
}

// vowels are the letters around which words are spoken.
var vowels = func() (t [Classes]bool) {
	for _, c := range "aeiouy" {
		t[c-'a'] = true
	}
	return t
}()

func surprise(a, b int) int {
	c := pairs[a][b]
	if c >= 'a' {
		return int(c-'a') + 10
	}
	return int(c - '0')
}

// OwnLabel is the label that the owner of a host name chose: that before the
// public suffix, as far as a country and a general word under it show one.
// Empty: a name without a dot, or of a network's own.
func OwnLabel(host []byte) []byte {
	end := len(host)
	if end > 0 && host[end-1] == '.' {
		end--
	}
	top, at := label(host, end)
	if at <= 0 || isPrivate(top) {
		return nil
	}
	own, at := label(host, at)
	if len(top) == 2 && at > 0 && isGeneral(own) {
		own, _ = label(host, at)
	}
	return own
}

// isPrivate says that nobody can buy names under a top level: those of the
// system's own (RFC 6761, RFC 7686) and of home and company networks. Under them browsers
// look for random names, to see who answers for what is not there.
func isPrivate(top []byte) bool {
	switch string(top) {
	case "arpa", "local", "lan", "internal", "localdomain", "home", "corp", "intranet", "private", "router", "workgroup", "domain", "box", "localhost", "invalid", "test", "example", "onion", "alt":
		return true
	}
	return false
}

// label is the label that ends before end, and the place of the dot before it; -1: there is none.
func label(host []byte, end int) (l []byte, dot int) {
	dot = end - 1
	for dot >= 0 && host[dot] != '.' {
		dot--
	}
	return host[dot+1 : end], dot
}

// isGeneral says that a label stands for a kind of owners in a country's names.
func isGeneral(l []byte) bool {
	switch string(l) {
	case "co", "com", "net", "org", "gov", "edu", "ac", "or", "ne", "go", "gob", "gouv", "mil", "nom", "in", "id", "web", "my", "sch", "firm", "gen", "ltd", "plc", "me":
		return true
	}
	return false
}
