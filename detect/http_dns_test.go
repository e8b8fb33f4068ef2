package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestHTTPDNS(t *testing.T) {
	for _, row := range []struct{ target, host, want string }{
		{"/164566/sign_d?host=www.Example.org&s=762f&t=1", "203.0.113.1", "www.example.org"},
		{"/164566/d?ip=192.0.2.1&host=www.example.org", "203.0.113.1:80", "www.example.org"},
		{"/1/resolve?host=a.example.org,b.example.org", "203.0.113.1", "a.example.org"},
		{"/d?dn=www.example.org", "203.0.113.1", "www.example.org"},
		{"/d?dn=www.example.org", "dns.example.net", ""},
		{"/d?dn=192.0.2.7", "203.0.113.1", ""},
		{"/d?name=www.example.org", "203.0.113.1", ""},
		{"/search?host=www.example.org", "203.0.113.1", ""},
		{"/d?dn=www.example.org%00", "203.0.113.1", ""},
		{"/d?", "203.0.113.1", ""},
		{"/d", "203.0.113.1", ""},
	} {
		res := mustMatch(t, proto.HTTP, proto.HTTP, TCP, 80, c("GET "+row.target+" HTTP/1.1\r\nHost: "+row.host+"\r\n\r\n"))
		wantText(t, res, attr.DNSQuery, row.want)
	}
}
