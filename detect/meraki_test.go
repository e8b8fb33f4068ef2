package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestMeraki(t *testing.T) {
	const id = proto.MerakiCloud
	rest := strings.Repeat("00", 24)
	mustMatch(t, id, id, UDP, 7351, cx("fef72891 0d01 0020"+rest))
	mustNot(t, id, UDP, 7351, cx("fef72891 0d01 0021"+rest))
	mustNot(t, id, UDP, 7351, cx("fef72890 0d01 0020"+rest))
}
