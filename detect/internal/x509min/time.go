package x509min

// Tags of times.
const (
	tagUTCTime         = 0x17
	tagGeneralizedTime = 0x18
)

func validity(b []byte) (notBefore, notAfter int64) {
	from, rest, ok := next(b)
	if !ok {
		return 0, 0
	}
	to, _, ok := next(rest)
	if !ok {
		return seconds(from), 0
	}
	return seconds(from), seconds(to)
}

// seconds reads UTCTime "YYMMDDHHMMSSZ", whose years are 1950 to 2049, and
// GeneralizedTime "YYYYMMDDHHMMSSZ" (RFC 5280, section 4.1.2.5), also with the
// zone "+hhmm" or "-hhmm" in place of Z, without seconds, and with a fraction of them,
// as X.680 (sections 46 and 47) allows and old certificates have. 0 where it is
// none of these, and for times before 1970.
func seconds(v value) int64 {
	b := v.body
	var year int
	switch {
	case v.tag == tagUTCTime && len(b) >= 11:
		if year = two(b); year < 50 {
			year += 100
		}
		year += 1900
		b = b[2:]
	case v.tag == tagGeneralizedTime && len(b) >= 13:
		year = two(b)*100 + two(b[2:])
		b = b[4:]
	default:
		return 0
	}
	month, day := two(b), two(b[2:])
	hour, minute, second := two(b[4:]), two(b[6:]), 0
	if b = b[8:]; len(b) >= 2 && b[0] >= '0' && b[0] <= '9' {
		second, b = two(b), b[2:]
	}
	if len(b) > 1 && (b[0] == '.' || b[0] == ',') {
		for b = b[1:]; len(b) > 0 && b[0] >= '0' && b[0] <= '9'; {
			b = b[1:]
		}
	}
	east, ok := zone(b)
	if !ok || year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 {
		return 0
	}
	return max(0, int64(days(year, month, day))*86400+int64(hour*3600+minute*60+second-east))
}

// zone reads what follows the time and says how many seconds it is ahead of
// UTC. Some leave the Z out.
func zone(b []byte) (east int, ok bool) {
	switch {
	case len(b) == 0, len(b) == 1 && b[0] == 'Z':
		return 0, true
	case len(b) == 5 && (b[0] == '+' || b[0] == '-'):
		hours, minutes := two(b[1:]), two(b[3:])
		if hours < 0 || hours > 23 || minutes < 0 || minutes > 59 {
			return 0, false
		}
		if east = hours*3600 + minutes*60; b[0] == '-' {
			east = -east
		}
		return east, true
	}
	return 0, false
}

// days since 1970 in the Gregorian calendar: years that begin in March put the leap day last.
func days(year, month, day int) int {
	if month <= 2 {
		year--
		month += 12
	}
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 1 - 719468
}

// two reads two digits; a large negative number where they are none.
func two(b []byte) int {
	if b[0] < '0' || b[0] > '9' || b[1] < '0' || b[1] > '9' {
		return -10000
	}
	return int(b[0]-'0')*10 + int(b[1]-'0')
}
