package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestWhatsApp(t *testing.T) {
	const id = proto.WhatsApp
	noise := "000024 1222 0a20" + strings.Repeat("c3", 32)
	mustMatch(t, id, id, TCP, 5222, cx("57410105 00001a f805"))
	mustMatch(t, id, id, TCP, 443, cx("57410603"+noise))
	mustMatch(t, id, id, TCP, 443, cx("45440001 000004 08020505 57410603"+noise))
	mustNot(t, id, TCP, 443, cx("57410603 000024 1222 1220"))
	mustNot(t, id, TCP, 443, cx("57410603 100024 1222 0a20"))
	mustNot(t, id, TCP, 443, c("WAIT for me"))
	mustNot(t, id, TCP, 443, c("EDIT the page"))
}
