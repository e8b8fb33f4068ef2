package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestIMO(t *testing.T) {
	const id = proto.IMO
	body := strings.Repeat("c5", 20)
	mustMatch(t, id, id, UDP, 36535, cx("02 0e 77 09 02 1122334455667788"), cx("17 0d 0000"+body), sx("00 17 0d 0000"+body))
	mustMatch(t, id, id, UDP, 36535, cx("8117 0d 0001"+strings.Repeat("c5", 148)), sx("00 17 0d 0001"+body))
	mustMatch(t, id, id, UDP, 57604, cx("07"), sx("76"), cx("09 02 dc9a020000000000"), sx("09 03 dc9a020000000000"))
	mustNot(t, id, UDP, 36535, cx("17 0d 0000"+body), sx("00 17 0d 0002"+body))
	mustNot(t, id, UDP, 36535, cx("17 0d 0000"+body), sx("17 0d 0000"+body))
	mustNot(t, id, UDP, 36535, cx("18 0d 0000"+body), sx("00 18 0d 0000"+body))
	mustNot(t, id, UDP, 57604, cx("09 02 dc9a020000000000"), sx("09 03 dc9b020000000000"))
}
