package risk

import (
	"encoding/binary"
	"math/bits"
)

// signs are kinds of what should not stand in a target or a user agent.
type signs uint16

const (
	path signs = 1 << iota
	command
	sql
	script
	exploit
	tool
	robot
	generated // of a name
	alike
)

// Signs in lower case. A space stands for any of space, plus and %20, and end
// for the end of a word.
const end = "\x00"

var (
	urlList = compile(map[signs][]string{
		path: {"../..", "..%2f", "%2e%2e/", "%2e%2e%2f", ".%2e/", ".%2e%2f", "%2e./", "%252e%252e", "..%252f", "..%5c", "..%c0%af", "%00", "/etc/passwd", "/etc/shadow", "/proc/self/",
			"/boot.ini" + end, "\\boot.ini" + end, "%2fboot.ini" + end, "%5cboot.ini" + end, "/win.ini" + end, "\\win.ini" + end, "%2fwin.ini" + end, "%5cwin.ini" + end,
			"/wp-config.php", "/.git/config", "/.env" + end, "/.ssh/", "/.aws/credentials"},
		command: {"cmd.exe", ";wget ", "|wget ", "wget http", "curl http", "/bin/sh" + end, "/bin/bash" + end, "`id`", "$(id)", ";cat ", "|cat ", "%3bwget", "%7cwget", "powershell.exe", "powershell -",
			"system(", "passthru(", "shell_exec", "/bin/busybox", "chmod 777", "phpinfo(", "base64_decode(", "php://input", "auto_prepend_file"},
		sql: {"union select", "union all select", "' or '", "' or 1=1", "%27 or ", "\" or \"", "or 1=1", "' and '1'='1", "information_schema", "sleep(", "benchmark(", "xp_cmdshell", "waitfor delay",
			"; drop table", ";drop table", "extractvalue(", "%27--"},
		script: {"<script", "%3cscript", "javascript:alert", "onerror=alert", "onerror=prompt", "onerror=confirm", "onerror=eval", "onerror%3dalert", "onload=alert", "onload%3dalert", "<svg/onload", "%3csvg%2fonload",
			"<svg onload", "%3csvg onload", "alert(document"},
		exploit: exploits,
	})
	agentList = compile(map[signs][]string{
		tool: {"<script", "<?php", "sqlmap", "nikto", "nmap scripting engine", "masscan", "zgrab", "wpscan", "dirbuster", "gobuster", "acunetix", "nessus", "openvas", "w3af", "havij", "metasploit",
			"hydra" + end, "morfeus", "zmeu", "nuclei" + end, "feroxbuster", "union select", "/etc/passwd"},
		robot:   {"bot/", "bot;", "bot)", "bot ", "crawler" + end, "spider" + end, "slurp" + end},
		exploit: exploits,
	})
	exploits = []string{"${jndi:", "%7bjndi:", "jndi:ldap:", "jndi:rmi:", "jndi:dns:", "${${", "() {", "(){ :;}"}
)

func urlSigns(b []byte) signs { return urlList.find(b) }

// agentSigns judges a user agent. Phones of the brand Cubot are no robots.
func agentSigns(b []byte) signs {
	found := agentList.find(b)
	if found&robot != 0 && isCubot(b) {
		found &^= robot
	}
	return found
}

func isCubot(b []byte) bool {
	for i := 2; i < len(b); i++ {
		if low[b[i]] == 'b' && low[b[i-1]] == 'u' && low[b[i-2]] == 'c' && signAt(b[i:], "bot") {
			return true
		}
	}
	return false
}

// nameSigns judges a host name.
func nameSigns(b []byte) (found signs) {
	if Generated(b) {
		found |= generated
	}
	if LooksAlike(b) {
		found |= alike
	}
	return found
}

type sign struct {
	text string
	kind signs
}

// list is signs in groups, those that begin with the same character in one. In
// first a character has the bit of its group, in second those of the groups
// whose signs may go on with it: both in either case of letters.
type list struct {
	first, second [256]uint32
	by            [32][]sign
	groups        int
}

func compile(all map[signs][]string) *list {
	l := new(list)
	for kind, texts := range all {
		for _, t := range texts {
			group := l.group(t[0])
			l.by[group] = append(l.by[group], sign{t, kind})
			second := t[1:2]
			if second == " " {
				second = " +%"
			}
			for _, c := range []byte(second) {
				l.second[c] |= 1 << group
				l.second[upper(c)] |= 1 << group
			}
		}
	}
	return l
}

// group is the group of signs that begin with a character.
func (l *list) group(c byte) int {
	if l.first[c] == 0 {
		l.first[c] = 1 << l.groups
		l.first[upper(c)] = l.first[c]
		l.groups++
	}
	return bits.TrailingZeros32(l.first[c])
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// low is each character in lower case.
var low = func() (t [256]byte) {
	for i := range t {
		t[i] = byte(i)
	}
	for c := 'A'; c <= 'Z'; c++ {
		t[c] = byte(c) + 'a' - 'A'
	}
	return t
}()

// find is the kinds of signs that stand in text, in any case of letters.
func (l *list) find(text []byte) (found signs) {
	before := uint32(0)
	for i, c := range text {
		if both := before & l.second[c]; both != 0 {
			for _, s := range l.by[bits.TrailingZeros32(both)] {
				if found&s.kind == 0 && signAt(text[i-1:], s.text) {
					found |= s.kind
				}
			}
		}
		before = l.first[c]
	}
	return found
}

func signAt(text []byte, sign string) bool {
	at := 0
	for i := range len(sign) {
		if sign[i] == end[0] {
			return at == len(text) || Class(text[at]) == Edge
		}
		if at >= len(text) {
			return false
		}
		switch c := low[text[at]]; {
		case sign[i] == ' ' && (c == '+' || c == ' '):
			at++
		case sign[i] == ' ' && c == '%' && at+2 < len(text) && text[at+1] == '2' && text[at+2] == '0':
			at += 3
		case c == sign[i]:
			at++
		default:
			return false
		}
	}
	return true
}

// Memo remembers what was found in texts, since the same user agents come again
// and again, and a target is judged with the question and with the answer.
type Memo [memoPlaces]struct {
	sum   uint64
	found signs
}

const memoPlaces = 128

// find is look(text), out of the memo where it is there; salt tells questions apart.
func (m *Memo) find(look func([]byte) signs, salt uint64, text []byte) signs {
	if m == nil {
		return look(text)
	}
	sum := salt ^ uint64(len(text))
	b := text
	for ; len(b) >= 8; b = b[8:] {
		sum = bits.RotateLeft64((sum^binary.LittleEndian.Uint64(b))*0x9e3779b97f4a7c15, 29)
	}
	for _, c := range b {
		sum = (sum ^ uint64(c)) * 0x100000001b3
	}
	sum ^= sum >> 32
	e := &m[sum%memoPlaces]
	if e.sum != sum {
		e.sum, e.found = sum, look(text)
	}
	return e.found
}
