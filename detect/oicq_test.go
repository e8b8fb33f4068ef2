package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestOICQ(t *testing.T) {
	const id = proto.OICQ
	const ask = "02 3b0b 0001 0017 00a98ac7 0000000000000000 1122334455667788 1122334455667788 1122334455667788 03"
	mustMatch(t, id, id, UDP, 8000, cx(ask))
	mustNot(t, id, UDP, 9000, cx(ask))
	mustMatch(t, id, id, UDP, 9000, cx(ask), sx("02 3b0b 0001 0017 00a98ac7 0011223344556677 03"))
	mustNot(t, id, UDP, 9000, cx(ask), sx("02 3b0b 0001 0018 00a98ac7 0011223344556677 03"))
	mustNot(t, id, UDP, 8000, cx("02 3b0b 0001 0017 00001111 0000000000000000 03"))
	mustNot(t, id, UDP, 8000, cx("02 3b0b 0001 0017 00a98ac7 0000000000000000 04"))
	mustNot(t, id, UDP, 8000, cx("02 3b0b 0001 0017 00a98ac7 000000000000000000 03"))
}
