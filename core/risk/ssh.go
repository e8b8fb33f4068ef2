package risk

import "bytes"

// isOldSSH judges the line by which a side says what it is: version 1 of the
// protocol, or a program whose makers have ended version 1 and broken ciphers
// years later.
func isOldSSH(banner []byte) bool {
	if bytes.HasPrefix(banner, []byte("SSH-1.")) && !bytes.HasPrefix(banner, []byte("SSH-1.99")) {
		return true
	}
	at := bytes.IndexByte(banner, '-')
	if at < 0 {
		return false
	}
	_, program, _ := bytes.Cut(banner[at+1:], []byte("-"))
	for _, old := range [...]struct {
		name         string
		major, minor int // the first that is not old
	}{{"OpenSSH_", 7, 4}, {"dropbear_", 2017, 0}, {"libssh_", 0, 8}, {"libssh-", 0, 8}, {"libssh2_", 1, 8}, {"PuTTY_Release_", 0, 68}, {"paramiko_", 2, 0}} {
		if rest, ok := bytes.CutPrefix(program, []byte(old.name)); ok {
			major, minor, ok := version(rest)
			return ok && (major < old.major || major == old.major && minor < old.minor)
		}
	}
	return false
}

// version reads two numbers with a dot between them.
func version(b []byte) (major, minor int, ok bool) {
	n, dots, digits := [2]int{}, 0, [2]int{}
	for _, c := range b {
		switch {
		case '0' <= c && c <= '9' && digits[dots] < 5:
			n[dots] = n[dots]*10 + int(c-'0')
			digits[dots]++
		case c == '.' && dots == 0:
			dots = 1
		default:
			return n[0], n[1], digits[0] > 0 && dots == 1 && digits[1] > 0
		}
	}
	return n[0], n[1], digits[0] > 0 && dots == 1 && digits[1] > 0
}
