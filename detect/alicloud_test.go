package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestAlibabaCloud(t *testing.T) {
	const id = proto.AlibabaCloud
	const ask = "cefabeba 04000000 11223344"
	mustMatch(t, id, id, TCP, 8999, cx(ask), sx("cefabeba 30000000 99"))
	mustMatch(t, id, id, TCP, 1111, cx(ask), cx(ask))
	mustNot(t, id, TCP, 8999, cx(ask))
	mustNot(t, id, TCP, 8999, cx(ask), cx("55"), sx("48"))
	mustNot(t, id, TCP, 8999, cx("cefabeba 00000100 11"), sx(ask))
}
