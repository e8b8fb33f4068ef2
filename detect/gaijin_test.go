package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestGaijin(t *testing.T) {
	const id = proto.GaijinEntertainment
	mustMatch(t, id, id, UDP, 20011, c("app.start,env=production,circuit=production,application=client,project=warthunder,platform=linux64:1|c"))
	mustNot(t, id, UDP, 20011, c("app.start,env=production,circuit=production,application=client,project=other,platform=linux64:1|c"))
	mustNot(t, id, UDP, 8125, c("some.counter.of.another.program.entirely:1|c"))
}
