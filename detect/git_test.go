package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestGit(t *testing.T) {
	testProtocol(t, proto.Git)
	res := mustMatch(t, proto.Git, proto.Git, TCP, 9419, c("0033git-upload-pack /project.git\x00host=Myserver.com\x00"))
	wantText(t, res, attr.HostName, "myserver.com")
	mustMatch(t, proto.Git, proto.Git, TCP, 9418, c("002Egit-receive-pack /project.git\x00\x00version=2\x00"))
	for _, text := range []string{"0033git-daemon /x", "GET / HTTP/1.1\r\n", "1033git-upload-pack /x", "00@3git-upload-pack /x"} {
		mustNot(t, proto.Git, TCP, 9418, c(text))
	}
	mustNot(t, proto.Git, TCP, 9418, s("220 hello\r\n"))
}
