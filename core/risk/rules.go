package risk

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

// Numbers of the risks that are decided here.
const (
	BinaryTransfer   ID = 2
	Credentials      ID = 3
	DesktopSharing   ID = 4
	FragmentedDNS    ID = 5
	LargeDNS         ID = 6
	SuspiciousDNS    ID = 7
	Crawler          ID = 9
	NumericHost      ID = 10
	HTTPContent      ID = 11
	HTTPHeader       ID = 12
	HTTPURL          ID = 13
	HTTPUserAgent    ID = 14
	OddPort          ID = 16
	Malformed        ID = 17
	Exploit          ID = 20
	IDN              ID = 21
	InsecureSMB      ID = 24
	ObsoleteSSH      ID = 25
	ObsoleteSSHD     ID = 26
	GeneratedName    ID = 27
	Entropy          ID = 28
	CertificateEnds  ID = 29
	CertificateEnded ID = 30
	CertificateOther ID = 31
	CertificateLong  ID = 32
	TLSAlert         ID = 33
	NoServerName     ID = 35
	ObsoleteTLS      ID = 36
	SelfSigned       ID = 37
	EncryptedName    ID = 38
	OddALPN          ID = 40
	WeakCipher       ID = 41
	RCEInjection     ID = 43
	SQLInjection     ID = 44
	XSSAttack        ID = 45
	Unidirectional   ID = 46
	NoALPN           ID = 47
)

func inURL(kind signs) func(*Input) bool   { return func(in *Input) bool { return in.url&kind != 0 } }
func inAgent(kind signs) func(*Input) bool { return func(in *Input) bool { return in.agent&kind != 0 } }

// Rules is the table, in the order of the numbers.
var Rules = [...]Rule{
	{BinaryTransfer, "", Medium, Client, HTTP, attr.Executable, nil,
		"What HTTP transfers begins as a program: PE of Windows, ELF, Mach-O, Dalvik.", "the formats' own descriptions"},
	{Credentials, "", High, Client, Any, attr.Credentials, nil,
		"PASS, LOGIN or AUTH without TLS in FTP (but for anonymous), POP3, IMAP and SMTP; Basic authentication in HTTP; a prompt of Telnet.", "RFC 8314, section 3; RFC 7617, section 4; RFC 4949"},
	{DesktopSharing, "", Low, Server, Spoken, 0, nil,
		"The protocol shows another machine's screen: category remote-desktop, but for Telnet, RSH and ADB.", "docs/protocols.md"},
	{FragmentedDNS, "", Low, Both, DNS, 0, func(in *Input) bool { return in.Fragmented },
		"A message of DNS came in fragments of IP.", "RFC 9715, section 3"},
	{LargeDNS, "", Low, Both, DNS, attr.LargeDNS, nil,
		"A datagram of DNS is longer than 512 bytes and has no record that could be the extension for it.", "RFC 1035, section 4.2.1; RFC 6891, section 6.2.3"},
	{SuspiciousDNS, "", High, Client, DNS, 0, isTunnelDNS,
		"A question of type NULL or for private use, or a name of 100 letters and more with a label of 40 and more that looks coded: what tunnels send.", "RFC 1035, section 3.3.10; programs iodine and dnscat2"},
	{Crawler, "", Low, Server, Signed, 0, inAgent(robot),
		"The user agent says that it is a robot.", "what search engines publish of theirs"},
	{NumericHost, "", Low, Client, HTTP, 0, hasNumericHost,
		"The host of a request is an IPv4 or IPv6 address.", "RFC 9110, section 4.2.2"},
	{HTTPContent, "", High, Client, HTTP, attr.Disguised, nil,
		"A program is sent as text or as an image.", "RFC 9110, section 8.3"},
	{HTTPHeader, "", High, Client, HTTP, attr.TwoHosts | attr.Smuggling | attr.OddField, nil,
		"Two fields Host that differ, Content-Length and Transfer-Encoding in one request, a field Proxy, or a name that is no token.", "RFC 9112, sections 3.2 and 11.2; CVE-2016-5385; RFC 9110, section 5.6.2"},
	{HTTPURL, "", High, Client, Signed, 0, inURL(path),
		"The target climbs out of its directory, holds a coded NUL, or asks for files of the system.", "CWE-22, CWE-158"},
	{HTTPUserAgent, "", High, Client, Signed, 0, inAgent(tool | exploit),
		"The user agent holds code, or is a scanner's or a tool's that breaks in.", "CVE-2014-6271, CVE-2021-44228; the tools' documents"},
	{OddPort, "", Low, Both, Spoken, 0, isOddPort,
		"A protocol whose port hardly ever changes is spoken at another: see the table below.", "IANA, Service Name and Transport Protocol Port Number Registry"},
	{Malformed, "", Low, Both, ICMP, 0, hasWrongSum,
		"The check sum of a whole ICMP message is wrong.", "RFC 792; RFC 4443, section 2.3"},
	{Exploit, "", Severe, Client, Signed, 0, func(in *Input) bool { return (in.url|in.agent)&exploit != 0 },
		"Target or user agent ask a logging library to look something up elsewhere (${jndi:) or define a function of the shell.", "CVE-2021-44228, CVE-2014-6271"},
	{IDN, "", Medium, Client, Named, 0, func(in *Input) bool { return in.name&alike != 0 },
		"A label in Punycode has only letters beyond ASCII that look like letters of ASCII.", "Unicode Technical Standard 39, section 4"},
	{InsecureSMB, "", High, Server, Spoken, 0, nil,
		"Version 1 of SMB is spoken.", "Microsoft, \"Stop using SMB1\"; CVE-2017-0144"},
	{ObsoleteSSH, "", Medium, Client, SSH, 0, func(in *Input) bool {
		return in.Facts&attr.WeakClientSSH != 0 || isOldSSH(in.Set.Get(attr.SSHClient))
	},
		"The client speaks version 1, wants a broken cipher first, or is a program of before 2017: OpenSSH before 7.4, Dropbear before 2017, libssh before 0.8, libssh2 before 1.8, PuTTY before 0.68, paramiko before 2.0.", "RFC 8758; RFC 4253, section 4.2; OpenSSH 7.4's notes"},
	{ObsoleteSSHD, "", Medium, Server, SSH, 0, func(in *Input) bool {
		return in.Facts&attr.WeakServerSSH != 0 || isOldSSH(in.Set.Get(attr.SSHServer))
	},
		"The same of the server, where both agree on a broken cipher.", "RFC 8758; RFC 4253, section 4.2; OpenSSH 7.4's notes"},
	{GeneratedName, "", High, Client, Named, 0, func(in *Input) bool { return !in.Known && in.name&generated != 0 },
		"The label that the owner chose has at least ten characters, and its pairs of letters are rarer than in all but one in 2000 names of the catalogue. Names of known applications are not asked.", "core/risk/name.go"},
	{Entropy, "", Medium, Client, ICMP, 0, isCoded,
		"An echo carries 256 bytes and more that look encrypted.", "RFC 792, page 14: what an echo carries has no meaning"},
	{CertificateEnds, "", Low, Server, Certificate, 0, func(in *Input) bool { return endsSoon(in) },
		"The certificate, made for more than 30 days, is valid for less than seven more.", "RFC 5280, section 4.1.2.5"},
	{CertificateEnded, "", High, Server, Certificate, 0, func(in *Input) bool { return isOutside(in) },
		"The certificate is not valid any more, or not yet, by the time of the packet.", "RFC 5280, section 4.1.2.5"},
	{CertificateOther, "", High, Server, TLS, attr.OtherName, hasPublicNames,
		"None of the names of the certificate covers the one that the client asked for. Not asked of VPNs and of remote desktops, whose certificates are their own.", "RFC 9525, section 6.3"},
	{CertificateLong, "", Low, Server, Certificate, 0, isTooLong,
		"The certificate, signed by another, is valid for longer than browsers accept: 398 days if made since September 2020, 825 since March 2018, 39 months since April 2015.", "CA/Browser Forum, Baseline Requirements, section 6.3.2"},
	{TLSAlert, "", Low, Both, TLS, attr.FatalAlert, nil,
		"An alert in the clear ended the handshake.", "RFC 8446, section 6.2"},
	{NoServerName, "", Medium, Client, TLS, attr.NoServerName, func(in *Input) bool { return in.Proto != proto.DTLS && wantsName(in) },
		"A ClientHello over TCP or QUIC names no server. Not asked of VPNs, of resolvers, nor where TLS begins inside another protocol.", "RFC 6066, section 3; RFC 9325, section 3.7"},
	{ObsoleteTLS, "", High, Both, Dated, 0, isObsoleteTLS,
		"TLS 1.1 or older, SSL or DTLS 1.0 was agreed on, or is all that the client offers.", "RFC 8996"},
	{SelfSigned, "", High, Server, Certificate, 0, func(in *Input) bool { return isSelfSigned(in) && !signsItself(in) },
		"Issuer and subject of the certificate are the same. Not asked where it always is so: calls, which is DTLS without a name, VPNs, remote desktops, Tor, Syncthing, Chromecasts in the own network.", "RFC 5280, section 3.2; RFC 8827, section 6.5"},
	{EncryptedName, "", Low, Client, Hiding, 0, hidesName,
		"The client hides the name: a real offer of Encrypted Client Hello, as far as a provider's public name that is known shows one, or its drafts' ESNI. Fillers, which look the same but for that name, do not count.", "RFC 9849; draft-ietf-tls-esni-06"},
	{OddALPN, "", Medium, Client, TLS, 0, hasOddALPN,
		"The client offers a protocol that is neither registered nor of a program known here.", "IANA, TLS Application-Layer Protocol Negotiation (ALPN) Protocol IDs"},
	{WeakCipher, "", High, Both, Dated, 0, func(in *Input) bool { return isWeakSuite(in) },
		"The cipher suite that was agreed on has RC4, DES, 3DES, an export key, no encryption or no authentication.", "RFC 7465; RFC 9325, section 4.1; https://sweet32.info"},
	{RCEInjection, "", Severe, Client, Signed, 0, inURL(command),
		"The target holds commands of a shell.", "CWE-78"},
	{SQLInjection, "", Severe, Client, Signed, 0, inURL(sql),
		"The target holds pieces of SQL.", "CWE-89"},
	{XSSAttack, "", Severe, Client, Signed, 0, inURL(script),
		"The target holds a script.", "CWE-79"},
	{Unidirectional, "", Low, Client, Engine, 0, nil,
		"Ten packets and more of TCP or UDP went to one machine, and none came back. Reports, traps and streams, which nobody answers, do not count, nor do addresses that a call tries (STUN), nor what has a pair of ports for each direction (BFD, GENEVE, LISP).", "the flow's counters"},
	{NoALPN, "", Low, Client, TLS, attr.NoALPN, func(in *Input) bool {
		return in.ServerPort == 443 && in.IPProtocol == tcp && in.Proto != proto.OpenVPN
	},
		"TLS 1.2 or newer at port 443 names no protocol, as browsers do.", "RFC 7301; RFC 9110, section 4.2.2"},
}

func init() {
	for i := range Rules {
		Rules[i].Name = Rules[i].ID.Name()
	}
}

const tcp = 6

// speaks gives the protocols that the rules of kind Spoken are asked of.
var speaks = map[ID]func(proto.ID) bool{
	DesktopSharing: showsDesktop,
	OddPort:        func(id proto.ID) bool { return len(usual[id]) > 0 },
	InsecureSMB:    func(id proto.ID) bool { return id == proto.SMBv1 },
}

// showsDesktop leaves out what shows text alone.
func showsDesktop(id proto.ID) bool {
	switch id {
	case proto.Telnet, proto.RSH, proto.SSH, proto.ADB:
		return false
	}
	return id.Category() == proto.RemoteDesktop
}
