package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestQuake(t *testing.T) {
	const id = proto.Quake
	mustMatch(t, id, id, UDP, 27960, c("\xff\xff\xff\xffgetinfo xxx"))
	mustMatch(t, id, id, UDP, 27960, c("\xff\xff\xff\xffgetstatus\n"), s("\xff\xff\xff\xffstatusResponse\n\\sv_hostname\\noname\n"))
	mustMatch(t, id, id, UDP, 27950, c("\xff\xff\xff\xffgetservers 68 empty full"))
	mustNot(t, id, UDP, 27960, c("\xff\xff\xff\xffgetlost now"))
	mustNot(t, id, UDP, 27960, c("\xff\xff\xff\xfegetinfo xxx"))
}
