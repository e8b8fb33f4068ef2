package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestCoDMobile(t *testing.T) {
	const id = proto.CoDMobile
	ping := "bbb653ea96fdbb03 70696e67"
	mustMatch(t, id, id, UDP, 7500, cx(ping), sx(ping))
	mustNot(t, id, UDP, 7500, cx(ping), cx(ping))
	mustNot(t, id, UDP, 7500, cx(ping), sx("bbb653ea96fdbb04 70696e67"))
}
