package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestTor(t *testing.T) {
	for _, row := range []struct {
		subject, issuer, sans string
		was, want             proto.ID
	}{
		{"CN=www.fcsyvnlemwxv5p.net", "CN=www.gg562izcxdvqdk.com", "", proto.HTTPS, proto.Tor},
		{"CN=www.fcsyvnlemwxv5p.net", "CN=www.gg562izcxdvqdk.com", "", proto.TLS, proto.Tor},
		{"CN=www.fcsyvnlemwxv5p.net", "CN=www.gg562izcxdvqdk.com", "", proto.SMTPS, proto.SMTPS},
		{"CN=www.fcsyvnlemwxv5p.net", "CN=www.gg562izcxdvqdk.com", "www.fcsyvnlemwxv5p.net", proto.HTTPS, proto.HTTPS},
		{"CN=www.fcsyvnlemwxv5p.com", "CN=www.gg562izcxdvqdk.com", "", proto.HTTPS, proto.HTTPS},
		{"CN=www.short.net", "CN=www.gg562izcxdvqdk.com", "", proto.HTTPS, proto.HTTPS},
		{"CN=www.with-a-hyphen.net", "CN=www.gg562izcxdvqdk.com", "", proto.HTTPS, proto.HTTPS},
		{"C=US, CN=www.fcsyvnlemwxv5p.net", "CN=www.gg562izcxdvqdk.com", "", proto.HTTPS, proto.HTTPS},
		{"", "", "", proto.HTTPS, proto.HTTPS},
	} {
		res := new(Result)
		res.Reset(row.was)
		if row.subject != "" {
			res.PutString(attr.TLSSubjectDN, row.subject)
			res.PutString(attr.TLSIssuerDN, row.issuer)
		}
		if row.sans != "" {
			res.PutString(attr.TLSSANs, row.sans)
		}
		if refineTor(res); res.Protocol != row.want {
			t.Errorf("%q by %q is %v, want %v", row.subject, row.issuer, res.Protocol, row.want)
		}
	}
}
