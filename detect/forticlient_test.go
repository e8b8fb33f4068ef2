package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestFortiClient(t *testing.T) {
	const factory = "C=US, ST=California, L=Sunnyvale, O=Fortinet, OU=FortiGate, CN=FG100"
	for _, row := range []struct {
		subject string
		port    uint16
		want    proto.ID
	}{
		{factory, 10443, proto.FortiClient},
		{factory, 443, proto.TLS},
		{"O=Fortinet, OU=FortiMail, CN=FM", 10443, proto.TLS},
		{"", 10443, proto.TLS},
	} {
		res := new(Result)
		res.Reset(proto.TLS)
		if row.subject != "" {
			res.PutString(attr.TLSSubjectDN, row.subject)
		}
		if refineFortiClient(row.port, res); res.Protocol != row.want {
			t.Errorf("%q at %d is %v, want %v", row.subject, row.port, res.Protocol, row.want)
		}
	}
}
