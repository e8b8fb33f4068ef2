package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestStatsD(t *testing.T) {
	const id = proto.StatsD
	mustMatch(t, id, id, UDP, 8125, c("gorets:1|c"))
	mustMatch(t, id, id, UDP, 8126, c("glork:320|ms|@0.1\ngaugor:-10|g\nuniques:765|s\n"))
	mustMatch(t, id, id, UDP, 8125, c("page.views:1|c|#env:prod,region:eu"))
	mustNot(t, id, UDP, 8125, c("gorets:one|c"))
	mustNot(t, id, UDP, 8125, c("gorets:1|x"))
	mustNot(t, id, UDP, 8125, c("gorets 1 1700000000"))
	mustNot(t, id, UDP, 8125, c("gorets:1|c\nand so on"))
}
