package detect

import (
	"crypto/md5"
	"encoding/hex"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

// kexInit builds a KEXINIT packet (RFC 4253, section 7.1).
func kexInit(lists ...string) string {
	body := "\x14" + string(make([]byte, 16))
	for _, l := range lists {
		body += string([]byte{0, 0, byte(len(l) >> 8), byte(len(l))}) + l
	}
	body += "\x00\x00\x00\x00\x00"
	n := 1 + len(body) + 4
	return string([]byte{0, 0, byte(n >> 8), byte(n), 4}) + body + "\x00\x00\x00\x00"
}

func TestSSH(t *testing.T) {
	kex := kexInit("curve25519-sha256", "ssh-ed25519", "aes128-ctr", "aes256-ctr", "hmac-sha2-256", "hmac-sha2-512", "none", "zlib@openssh.com", "", "")
	res := mustMatch(t, proto.SSH, proto.SSH, TCP, 2222,
		s("SSH-2.0-OpenSSH_9.6\r\n"), c("SSH-2.0-libssh2_1.11\r\n"), c(kex), s(kex))
	wantText(t, res, attr.SSHServer, "SSH-2.0-OpenSSH_9.6")
	wantText(t, res, attr.SSHClient, "SSH-2.0-libssh2_1.11")
	client := md5.Sum([]byte("curve25519-sha256;aes128-ctr;hmac-sha2-256;none"))
	server := md5.Sum([]byte("curve25519-sha256;aes256-ctr;hmac-sha2-512;zlib@openssh.com"))
	wantHex(t, res, attr.SSHClientHASSH, hex.EncodeToString(client[:]))
	wantHex(t, res, attr.SSHServerHASSH, hex.EncodeToString(server[:]))
	if res.More {
		t.Error("asks for more after both KEXINIT")
	}
}

func TestSSHOneSide(t *testing.T) {
	res := mustMatch(t, proto.SSH, proto.SSH, TCP, 22, s("SSH-1.5-Cisco-1.25\n"))
	wantText(t, res, attr.SSHServer, "SSH-1.5-Cisco-1.25")
	if !res.More {
		t.Error("does not wait for the client")
	}
	mustNot(t, proto.SSH, TCP, 22, c("SSH-agent"))
	mustNot(t, proto.SSH, TCP, 22, s("220 SSH-2.0-x\r\n"), c("EHLO x\r\n"))
	mustNot(t, proto.SSH, TCP, 22, s("\x00\x01SSH-2.0-x\r\n"))
	mustNot(t, proto.SSH, TCP, 22, c("GET / HTTP/1.1\r\n"), s("SSH-2.0-x\r\n"))
}

// A server may send lines before its identification (RFC 4253, section 4.2).
func TestSSHLinesBefore(t *testing.T) {
	kex := kexInit("curve25519-sha256", "ssh-ed25519", "aes128-ctr", "aes256-ctr", "hmac-sha2-256", "hmac-sha2-512", "none", "none", "", "")
	for _, first := range []string{"Welcome\r\n", "Welcome\r\nto this host\r\n\r\n", "a line in pieces"} {
		res := mustMatch(t, proto.SSH, proto.SSH, TCP, 2222, s(first), s("\r\nSSH-2.0-OpenSSH_9.6\r\n"), c("SSH-2.0-PuTTY_Release_0.80\r\n"), c(kex), s(kex))
		wantText(t, res, attr.SSHServer, "SSH-2.0-OpenSSH_9.6")
		wantText(t, res, attr.SSHClient, "SSH-2.0-PuTTY_Release_0.80")
		if len(res.Get(attr.SSHServerHASSH)) == 0 || res.More {
			t.Errorf("%q: HASSH of the server %x, more %v", first, res.Get(attr.SSHServerHASSH), res.More)
		}
	}
	res := mustMatch(t, proto.SSH, proto.SSH, TCP, 2222, c("SSH-2.0-PuTTY_Release_0.80\r\n"), s("Welcome\r\nSSH-2.0-OpenSSH_9.6\r\n"))
	wantText(t, res, attr.SSHServer, "SSH-2.0-OpenSSH_9.6")
}
