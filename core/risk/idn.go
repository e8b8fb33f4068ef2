package risk

// lookAlikes are letters of other scripts that most fonts draw as one of ASCII
// (Unicode Technical Standard 39, confusables): Cyrillic, Greek, Latin's own
// variants, Armenian.
const lookAlikes = "аеорсухіјѕһԁԛԝӏ" + "οανικρτυωϲϳ" + "ıɑɡɩʋᴏᴠᴡᴢɪƅ" + "օսոհ"

// LooksAlike says that a host name has a label in Punycode whose letters
// beyond ASCII are all drawn like letters of ASCII: a name that is read as
// another one. Names whose top level is in another script are what they seem.
func LooksAlike(host []byte) bool {
	end := len(host)
	if end > 0 && host[end-1] == '.' {
		end--
	}
	top, dot := label(host, end)
	if isPunycode(top) || string(top) == "tr" || string(top) == "az" { // whose languages have the dotless i
		return false
	}
	for dot >= 0 {
		var l []byte
		if l, dot = label(host, dot); isPunycode(l) && isDisguise(l[4:]) {
			return true
		}
	}
	return false
}

// hasPunycode says that the sign of Punycode stands somewhere in a name. One of
// two neighbours is a hyphen then, so that every second character is enough.
func hasPunycode(host []byte) bool {
	for i := 2; i < len(host); i += 2 {
		if host[i] == '-' && (host[i-1] == '-' || i+1 < len(host) && host[i+1] == '-') {
			return true
		}
	}
	return false
}

func isPunycode(l []byte) bool {
	return len(l) > 4 && (l[0]|0x20) == 'x' && (l[1]|0x20) == 'n' && l[2] == '-' && l[3] == '-'
}

// isDisguise decodes a label (RFC 3492, section 6.2) and judges its letters.
func isDisguise(b []byte) bool {
	const base, tmin, tmax, skew, damp, initial, first = 36, 1, 26, 38, 700, 72, 0x80
	n, i, bias := first, 0, initial
	size := 0 // letters so far
	for at := len(b) - 1; at >= 0; at-- {
		if b[at] == '-' {
			size, b = at, b[at+1:]
			break
		}
	}
	start := size
	any := false
	for len(b) > 0 {
		old, w := i, 1
		for k := base; ; k += base {
			if len(b) == 0 {
				return false
			}
			d := punycodeDigit(b[0])
			if b = b[1:]; d < 0 || w > 1<<24 {
				return false
			}
			i += d * w
			t := min(max(k-bias, tmin), tmax)
			if d < t {
				break
			}
			w *= base - t
		}
		size++
		delta := i - old
		if old == 0 && size == start+1 {
			delta /= damp
		} else {
			delta /= 2
		}
		delta += delta / size
		k := 0
		for ; delta > (base-tmin)*tmax/2; k += base {
			delta /= base - tmin
		}
		bias = k + (base-tmin+1)*delta/(delta+skew)
		n += i / size
		if i %= size; !isLookAlike(rune(n)) {
			return false
		}
		i++
		any = true
	}
	return any
}

func punycodeDigit(c byte) int {
	switch {
	case 'a' <= c && c <= 'z':
		return int(c - 'a')
	case 'A' <= c && c <= 'Z':
		return int(c - 'A')
	case '0' <= c && c <= '9':
		return int(c-'0') + 26
	}
	return -1
}

func isLookAlike(r rune) bool {
	for _, known := range lookAlikes {
		if r == known {
			return true
		}
	}
	return false
}
