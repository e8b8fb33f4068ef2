package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestIQIYI(t *testing.T) {
	const id = proto.IQIYI
	tail := strings.Repeat("ab", 76) + "505053747265616d 0000"
	mustMatch(t, id, id, UDP, 16600, cx("1c40 5a00"+tail))
	mustNot(t, id, UDP, 16600, cx("1c40 5b00"+tail))
	mustNot(t, id, UDP, 16600, cx("1c40 5a00"+strings.Replace(tail, "505053", "505073", 1)))
}
