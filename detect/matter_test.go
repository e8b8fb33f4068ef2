package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestMatter(t *testing.T) {
	const id = proto.Matter
	random := strings.Repeat("a5", 32)
	mustMatch(t, id, id, UDP, 5540, cx("04 0000 00 11223344 0102030405060708 05 20 1234 0000 15300120"+random+"2502"))
	mustMatch(t, id, id, UDP, 5540, sx("01 0000 00 11223344 0102030405060708 06 21 1234 0000 55667788 15300120"+random+"2502"))
	mustNot(t, id, UDP, 5540, cx("04 0001 00 11223344 0102030405060708 05 20 1234 0000 15300120"+random))
	mustNot(t, id, UDP, 5540, cx("04 0000 00 11223344 0102030405060708 04 20 1234 0000 15300120"+random))
	mustNot(t, id, UDP, 5540, cx("04 0000 00 11223344 0102030405060708 05 20 1234 0001 15300120"+random))
	mustNot(t, id, UDP, 5540, cx("04 0000 00 11223344 0102030405060708 05 20 1234 0000 15300110"+random))
}
