package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func netbios(message string) string {
	return string([]byte{0, byte(len(message) >> 16), byte(len(message) >> 8), byte(len(message))}) + message
}

func smb1Message(command byte, words, data string) string {
	return netbios("\xffSMB" + string(command) + string(make([]byte, 5)) + "\x00\x00" + string(make([]byte, 20)) +
		string([]byte{byte(len(words) / 2)}) + words + string([]byte{byte(len(data)), byte(len(data) >> 8)}) + data)
}

func smb2Message(command byte, body string) string {
	return netbios("\xfeSMB\x40\x00" + string(make([]byte, 6)) + string([]byte{command, 0}) + string(make([]byte, 50)) + body)
}

func TestSMB1(t *testing.T) {
	negotiate := smb1Message(0x72, "", "\x02NT LM 0.12\x00\x02SMB 2.002\x00")
	answer := smb1Message(0x72, "\x00\x00"+string(make([]byte, 32)), "")
	setup := smb1Message(0x73, "\xff\x00\x00\x00\x00\x00", "Windows 5.1\x00Windows 2000 LAN Manager\x00")
	res := mustMatch(t, proto.SMBv1, proto.SMBv1, TCP, 445, c(negotiate), s(answer), s(setup))
	wantText(t, res, attr.SMBDialect, "NT LM 0.12")
	wantText(t, res, attr.SMBNative, "Windows 5.1")
	session := "\x81\x00\x00\x44" + string(make([]byte, 68))
	mustMatch(t, proto.SMBv1, proto.SMBv1, TCP, 139, c(session), s("\x82\x00\x00\x00"), c(negotiate))
	mustNot(t, proto.SMBv1, TCP, 445, c("GET / HTTP/1.1\r\n"))
	mustNot(t, proto.SMBv1, TCP, 445, c(smb2Message(0, "")))
}

func TestSMB2(t *testing.T) {
	answer := smb2Message(0, "\x41\x00\x01\x00\x11\x03"+string(make([]byte, 59)))
	res := mustMatch(t, proto.SMBv23, proto.SMBv23, TCP, 445, c(smb2Message(0, "\x24\x00")), s(answer))
	wantText(t, res, attr.SMBDialect, "3.1.1")
	res = mustMatch(t, proto.SMBv1, proto.SMBv23, TCP, 445, c(smb1Message(0x72, "", "\x02NT LM 0.12\x00\x02SMB 2.002\x00")), s(answer))
	wantText(t, res, attr.SMBDialect, "3.1.1")
	mustMatch(t, proto.SMBv23, proto.SMBv23, TCP, 445, c(netbios("\xfdSMB"+string(make([]byte, 60)))))
	mustNot(t, proto.SMBv23, TCP, 445, c(netbios("\xfeSMC\x40\x00"+string(make([]byte, 60)))))
	mustNot(t, proto.SMBv23, TCP, 445, c("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
}

// Seen from the client's side alone: its second message tells what the first led to.
func TestSMBOneSided(t *testing.T) {
	negotiate := smb1Message(0x72, "", "\x02NT LM 0.12\x00\x02SMB 2.002\x00")
	mustMatch(t, proto.SMBv1, proto.SMBv23, TCP, 445, c(negotiate), c(smb2Message(0, string(make([]byte, 36)))))
	mustMatch(t, proto.SMBv1, proto.SMBv1, TCP, 445, c(negotiate), c(smb1Message(0x73, "\xff\x00\x00\x00\x00\x00", "")))
	mustMatch(t, proto.SMBv23, proto.SMBv23, TCP, 445, s(smb2Message(0, string(make([]byte, 64)))))
}
