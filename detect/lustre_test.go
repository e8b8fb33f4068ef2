package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestLustre(t *testing.T) {
	const id = proto.Lustre
	message := "c1000000 00000000 0000000000000000 0000000000000000 0201a8c000000200 0101a8c000000200 39300000 39300000 01000000 08020000"
	mustMatch(t, id, id, TCP, 988, cx("0071ceac 01000000 0101a8c000000200"))
	mustMatch(t, id, id, TCP, 989, sx("63697245 03000000 0101a8c000000200"))
	mustMatch(t, id, id, TCP, 988, cx(message))
	mustNot(t, id, TCP, 988, cx("0071ceac 02000000 0101a8c000000200"))
	mustNot(t, id, TCP, 988, cx("63697245 09000000 0101a8c000000200"))
	mustNot(t, id, TCP, 988, cx(strings.ReplaceAll(message, "39300000", "39310000")))
	mustNot(t, id, TCP, 988, cx(strings.Replace(message, "01000000 0802", "06000000 0802", 1)))
}
