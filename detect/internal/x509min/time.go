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
// GeneralizedTime "YYYYMMDDHHMMSSZ" (RFC 5280, section 4.1.2.5). 0 where it is
// neither, and for times before 1970.
func seconds(v value) int64 {
	b := v.body
	var year int
	switch {
	case v.tag == tagUTCTime && len(b) >= 12:
		if year = two(b); year < 50 {
			year += 100
		}
		year += 1900
		b = b[2:]
	case v.tag == tagGeneralizedTime && len(b) >= 14:
		year = two(b)*100 + two(b[2:])
		b = b[4:]
	default:
		return 0
	}
	month, day := two(b), two(b[2:])
	hour, minute, second := two(b[4:]), two(b[6:]), two(b[8:])
	if year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 {
		return 0
	}
	return int64(days(year, month, day))*86400 + int64(hour*3600+minute*60+second)
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
