package x509min

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net"
	"testing"
	"time"
)

func certificate(t testing.TB, c *x509.Certificate) []byte {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c.SerialNumber = big.NewInt(1)
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func example(t testing.TB) []byte {
	return certificate(t, &x509.Certificate{
		Subject: pkix.Name{
			Country: []string{"US"}, Organization: []string{"Let's Encrypt"}, OrganizationalUnit: []string{"Größe"},
			Province: []string{"CA"}, Locality: []string{"SF"}, CommonName: "www.example.com",
		},
		NotBefore:   time.Date(2024, 2, 29, 23, 59, 58, 0, time.UTC),
		NotAfter:    time.Date(2051, 12, 31, 0, 0, 1, 0, time.UTC), // GeneralizedTime
		DNSNames:    []string{"www.example.com", "*.example.org"},
		IPAddresses: []net.IP{net.IPv4(192, 0, 2, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature,
	})
}

func TestParse(t *testing.T) {
	der := example(t)
	want, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	got, ok := Parse(der)
	if !ok {
		t.Fatal("not parsed")
	}
	var room [512]byte
	short := map[string]string{"2.5.4.6": "C", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.3": "CN"}
	subject := ""
	for i, a := range want.Subject.Names {
		if i > 0 {
			subject += ", "
		}
		subject += short[a.Type.String()] + "=" + a.Value.(string)
	}
	if dn := string(AppendDN(room[:0], got.Subject)); dn != subject || len(want.Subject.Names) != 6 {
		t.Errorf("subject %q, want %q", dn, subject)
	}
	if string(got.Issuer) != string(got.Subject) {
		t.Error("issuer is not the subject of a certificate that signs itself")
	}
	if cn := string(AppendCommonName(room[:0], got.Subject)); cn != want.Subject.CommonName {
		t.Errorf("common name %q", cn)
	}
	if got.NotBefore != want.NotBefore.Unix() || got.NotAfter != want.NotAfter.Unix() {
		t.Errorf("valid from %d to %d, want %d to %d", got.NotBefore, got.NotAfter, want.NotBefore.Unix(), want.NotAfter.Unix())
	}
	var names []string
	for kind, name, rest := NextName(got.Names); kind != 0; kind, name, rest = NextName(rest) {
		if kind == IPAddress {
			names = append(names, net.IP(name).String())
		} else {
			names = append(names, string(name))
		}
	}
	if len(names) != 3 || names[0] != "www.example.com" || names[1] != "*.example.org" || names[2] != "192.0.2.1" {
		t.Errorf("names %q", names)
	}
}

// A cut certificate gives what comes before the cut and nothing wrong.
func TestEveryPrefix(t *testing.T) {
	der := example(t)
	whole, _ := Parse(der)
	dates := false
	for n := range der {
		c, _ := Parse(der[:n:n])
		if len(c.Subject) != 0 && string(c.Subject) != string(whole.Subject) || len(c.Issuer) != 0 && string(c.Issuer) != string(whole.Issuer) {
			t.Fatalf("%d bytes: part of a name", n)
		}
		if c.NotAfter != 0 && c.NotAfter != whole.NotAfter {
			t.Fatalf("%d bytes: wrong date", n)
		}
		dates = dates || c.NotAfter != 0 && c.Subject == nil
	}
	if !dates {
		t.Error("no prefix gave the dates before the subject was there")
	}
}

func TestAppendDNKeepsToItsRoom(t *testing.T) {
	c, _ := Parse(example(t))
	for n := range 64 {
		room := make([]byte, 0, n)
		if got := AppendDN(room, c.Subject); len(got) > n || cap(got) != n {
			t.Fatalf("room of %d: %d bytes", n, len(got))
		}
	}
}

func TestStringsOfOtherTypes(t *testing.T) {
	for _, c := range []struct {
		tag  byte
		body string
		want string
	}{
		{tagBMP, "\x00A\x20\xac", "A€"},
		{tagT61, "M\xfcller", "Müller"},
		{tagUCS, "\x00\x01\xf6\x00", "😀"},
		{0x0c, "Grüße", "Grüße"},
		{0x13, "plain", "plain"},
	} {
		if got := string(appendValue(make([]byte, 0, 32), value{c.tag, []byte(c.body), true})); got != c.want {
			t.Errorf("tag %#x: %q, want %q", c.tag, got, c.want)
		}
	}
}

func TestSeconds(t *testing.T) {
	for text, want := range map[string]time.Time{
		"700101000000Z":     time.Unix(0, 0),
		"000229120000Z":     time.Date(2000, 2, 29, 12, 0, 0, 0, time.UTC),
		"491231235959Z":     time.Date(2049, 12, 31, 23, 59, 59, 0, time.UTC),
		"240102030405+0130": time.Date(2024, 1, 2, 1, 34, 5, 0, time.UTC),
		"2401020304-0500":   time.Date(2024, 1, 2, 8, 4, 0, 0, time.UTC),
		"2401020304Z":       time.Date(2024, 1, 2, 3, 4, 0, 0, time.UTC),
	} {
		if got := seconds(value{tagUTCTime, []byte(text), true}); got != want.Unix() {
			t.Errorf("%s: %d, want %d", text, got, want.Unix())
		}
	}
	for text, want := range map[string]time.Time{
		"20240102030405Z":        time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC),
		"20240102030405.25Z":     time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC),
		"20240102030405.25+0200": time.Date(2024, 1, 2, 1, 4, 5, 0, time.UTC),
		"20500102030405-0030":    time.Date(2050, 1, 2, 3, 34, 5, 0, time.UTC),
	} {
		if got := seconds(value{tagGeneralizedTime, []byte(text), true}); got != want.Unix() {
			t.Errorf("%s: %d, want %d", text, got, want.Unix())
		}
	}
	for _, bad := range []string{"", "9", "99123123595Z", "xx0101000000Z", "001301000000Z", "500101000000Z", "240102030405+2500", "240102030405+01", "240102030405X", "700101000000+0100"} {
		if got := seconds(value{tagUTCTime, []byte(bad), true}); got != 0 {
			t.Errorf("%q: %d", bad, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(example(f))
	if der, err := asn1.Marshal(struct{ A, B asn1.RawValue }{}); err == nil {
		f.Add(der)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		c, _ := Parse(der)
		var room [256]byte
		AppendDN(room[:0], c.Issuer)
		AppendCommonName(room[:0], c.Subject)
		n := 0
		for kind, _, rest := NextName(c.Names); kind != 0; kind, _, rest = NextName(rest) {
			if n++; n > len(der) {
				t.Fatal("names without end")
			}
		}
	})
}
