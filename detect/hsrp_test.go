package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestHSRP(t *testing.T) {
	v1 := "00001003 0a640100 636973636f000000 c0000201"
	v2 := "0128 02 00 06 04 0067 700f6aeff5bf 0000006e 00000bb8 00002710 c0000201 000000000000000000000000 0308 636973636f000000"
	in := func(port uint16, d string) Input {
		return Input{Over: UDP, ServerPort: port, ClientPort: port, ToServer: unhex(d)}
	}
	for _, x := range []struct {
		port uint16
		d    string
		want Verdict
	}{
		{1985, v1, Match}, {1985, v2, Match}, {2029, "020400000001", Match},
		{1986, v1, No}, {1985, v2 + "00", No}, {1985, "00001203" + v1[8:], No}, {1985, "0128 03" + v2[7:], No}, {1985, "", No},
	} {
		if v, _ := inspectBytes(t, proto.CiscoHSRP, in(x.port, x.d)); v != x.want {
			t.Errorf("%d %s: verdict %d, want %d", x.port, x.d, v, x.want)
		}
	}
}
