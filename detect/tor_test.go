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

// The hello tells where TLS 1.3 hides the certificate.
func TestTorHello(t *testing.T) {
	const ja4 = "t13d181000_796efca44d18_a29327ec888c"
	for _, row := range []struct {
		name, ja4 string
		want      proto.ID
	}{
		{"www.6g5osnvc.com", ja4, proto.Tor},
		{"www.abcd.com", ja4, proto.Tor},
		{"www.abc.com", ja4, proto.HTTPS},
		{"www.abcdefghijklmnopqrstuvwxyz.com", ja4, proto.HTTPS},
		{"www.6g5osnvc.net", ja4, proto.HTTPS},
		{"www.6g50snvc.com", ja4, proto.HTTPS},
		{"6g5osnvc.com", ja4, proto.HTTPS},
		{"", ja4, proto.HTTPS},
		{"www.6g5osnvc.com", "t13d1810h2_796efca44d18_a29327ec888c", proto.HTTPS},
		{"www.6g5osnvc.com", "t13d181000_5d04281c6031_a29327ec888c", proto.HTTPS},
		{"www.6g5osnvc.com", "", proto.HTTPS},
	} {
		res := new(Result)
		res.Reset(proto.HTTPS)
		res.PutString(attr.TLSSNI, row.name)
		res.PutString(attr.TLSJA4, row.ja4)
		if refineTor(res); res.Protocol != row.want {
			t.Errorf("%q with %q is %v, want %v", row.name, row.ja4, res.Protocol, row.want)
		}
	}
}
