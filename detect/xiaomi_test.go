package detect

import (
	"strings"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestXiaomi(t *testing.T) {
	const id = proto.Xiaomi
	mustMatch(t, id, id, TCP, 5222, cx("c2fe0005 00000036 0002 0016 00000018"))
	mustMatch(t, id, id, TCP, 443, sx("c2fe0005 00000000 01020304"))
	// The head's fields, and the phone's: model, version of its system, server.
	head := "\x08\x00\x1a\x0axiaomi.com\x2a\x04CONN\x48\x00"
	body := "\x08\x6a\x12\x08Phone 9S\x1a\x03V12\x3a\x14Push.example.com:5222"
	res := mustMatch(t, id, id, TCP, 5222, c("\xc2\xfe\x00\x05\x00\x00\x00\x50\x00\x02\x00\x16\x00\x00\x00"+string(rune(len(body)))+head+body+"\x00\x00\x00\x00"))
	wantText(t, res, attr.HostName, "push.example.com")
	wantText(t, res, attr.HTTPUserAgent, "Phone 9S")
	answer := "\x0a\x0a0123456789\x12\x047f04"
	res = mustMatch(t, id, id, TCP, 5222, s("\xc2\xfe\x00\x05\x00\x00\x00\x30\x00\x02\x00\x16\x00\x00\x00"+string(rune(len(answer)))+head+answer+"\x00\x00\x00\x00"))
	if res.Has(attr.HTTPUserAgent) {
		t.Errorf("the server's answer names the model %q", res.Get(attr.HTTPUserAgent))
	}
	mustNot(t, id, TCP, 5222, cx("c2fe0006 00000036 0002"))
	mustNot(t, id, TCP, 5222, cx("c2fe0005 10000036 0002"))
	hello := "2131 0020" + strings.Repeat("ff", 28)
	mustMatch(t, id, id, UDP, 54321, cx(hello))
	mustMatch(t, id, id, UDP, 54321, sx("2131 0030 00000000 11223344 00000055"+strings.Repeat("ab", 32)))
	mustNot(t, id, UDP, 54321, cx(hello+"ff"))
	mustNot(t, id, UDP, 54321, cx("2131 0020 00000001 11223344 00000055"+strings.Repeat("ab", 16)))
}
