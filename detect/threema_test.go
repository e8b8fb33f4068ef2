package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestThreema(t *testing.T) {
	const id = proto.Threema
	hello, answer, login := cx(strings.Repeat("a51c", 24)), sx(strings.Repeat("07f3", 40)), cx(strings.Repeat("9d02", 72))
	mustMatch(t, id, id, TCP, 5222, hello, answer, login, sx(strings.Repeat("6688", 16)))
	mustNot(t, id, TCP, 5223, hello, answer, login)
	mustNot(t, id, TCP, 5222, hello, answer, sx("00"), login)
	mustNot(t, id, TCP, 5222, hello, cx("00"), answer, login)
	mustNot(t, id, TCP, 5222, c(strings.Repeat("text", 12)), answer, login)
}
