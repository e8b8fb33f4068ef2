package mqtt

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	paho3 "github.com/eclipse/paho.mqtt.golang"

	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/cmd/netifyctl/relay/output/mqtt/mqtttest"
)

var local = net.IPv4(127, 0, 0, 1)

// authority signs certificates for tests, into a folder.
type authority struct {
	t    testing.TB
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t testing.TB, name string) *authority {
	a := &authority{t: t, dir: t.TempDir()}
	a.cert, a.key = a.sign("ca", &x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name) }

// sign writes NAME.pem and NAME.key.
func (a *authority) sign(name string, c *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	c.SerialNumber, c.NotBefore, c.NotAfter = big.NewInt(time.Now().UnixNano()), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{name + ".pem": {Type: "CERTIFICATE", Bytes: der}, name + ".key": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(a.file(file), pem.EncodeToMemory(block), 0o600); err != nil {
			a.t.Fatal(err)
		}
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return parsed, key
}

func (a *authority) server(name string, ips ...net.IP) {
	a.sign(name, &x509.Certificate{Subject: pkix.Name{CommonName: name}, IPAddresses: ips, DNSNames: []string{name}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
}

func (a *authority) client(name string) {
	a.sign(name, &x509.Certificate{Subject: pkix.Name{CommonName: name}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
}

// secured are a real broker that asks for certificates and lets each agent
// write below its own name alone, and what its operator reads.
func secured(t *testing.T, ca *authority) (*mqtttest.Mosquitto, Settings, <-chan mqtttest.Message) {
	ca.server("broker", local)
	ca.client(agent)
	ca.client("operator")
	acl := ca.file("acl")
	if err := os.WriteFile(acl, []byte("user operator\ntopic read #\npattern write netifyd/v1/%u/#\npattern read netifyd/v1/%u/policy\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := mqtttest.NewMosquitto(t, fmt.Sprintf("cafile %s\ncertfile %s\nkeyfile %s\nrequire_certificate true\nuse_identity_as_username true\nacl_file %s\n",
		ca.file("ca.pem"), ca.file("broker.pem"), ca.file("broker.key"), acl))
	c := Settings{Broker: Broker{URL: "mqtts://" + m.Address(), TLS: output.TLS{CA: ca.file("ca.pem"), Cert: ca.file(agent + ".pem"), Key: ca.file(agent + ".key")}}}
	settings, err := (&Broker{URL: c.URL, TLS: output.TLS{CA: ca.file("ca.pem"), Cert: ca.file("operator" + ".pem"), Key: ca.file("operator" + ".key")}}).tls()
	if err != nil {
		t.Fatal(err)
	}
	got := mqtttest.Subscribe(t, m.Address(), "#", func(o *paho3.ClientOptions) {
		o.Servers[0].Scheme = "ssl"
		o.SetTLSConfig(settings)
	})
	return m, c, got
}

func TestCertificates(t *testing.T) {
	for _, version := range []string{"3.1.1", "5"} {
		t.Run(version, func(t *testing.T) {
			ca := newAuthority(t, "ours")
			_, c, got := secured(t, ca)
			c.Version = version
			o := newOutput(t, c)
			if err := o.Send(within(t), events(300)); err != nil {
				t.Fatal(err)
			}
			for i := range 300 {
				if m := mqtttest.Next(t, got, "netifyd/v1/"+agent+"/flow"); m.Payload != fmt.Sprintf(`{"type":"flow","n":%d}`, i) {
					t.Fatalf("%+v", m)
				}
			}
			// In the name of another agent: MQTT 5 tells, MQTT 3.1.1 cannot.
			other := newOutput(t, Settings{Broker: c.Broker, StatusTopic: "none"})
			b := events(1)
			b.Agent = "another"
			err := other.Send(within(t), b)
			var person *output.Unauthorized
			if version == "5" && (!errors.As(err, &person) || !strings.Contains(err.Error(), "topic")) {
				t.Errorf("in the name of another: %v", err)
			}
			if err := o.Send(within(t), &output.Batch{Agent: agent, Kind: "last", Lines: [][]byte{[]byte("x")}}); err != nil {
				t.Fatal(err)
			}
			for m := range got {
				if strings.Contains(m.Topic, "another") {
					t.Errorf("%+v", m)
				}
				if strings.HasSuffix(m.Topic, "/last") {
					break
				}
			}
		})
	}
}

func TestWrongCertificates(t *testing.T) {
	ca, strangers := newAuthority(t, "ours"), newAuthority(t, "strangers")
	strangers.client(agent)
	m, right, _ := secured(t, ca)
	var person *output.Unauthorized
	for _, version := range []string{"3.1.1", "5"} {
		for name, change := range map[string]func(*Settings){
			"none":             func(c *Settings) { c.Cert, c.Key = "", "" },
			"of a stranger":    func(c *Settings) { c.Cert, c.Key = strangers.file(agent+".pem"), strangers.file(agent+".key") },
			"another CA":       func(c *Settings) { c.CA = strangers.file("ca.pem") },
			"another name":     func(c *Settings) { c.ServerName = "elsewhere" },
			"no TLS to a port": func(c *Settings) { *c = Settings{Broker: Broker{URL: "mqtt://" + m.Address()}} },
		} {
			c := right
			change(&c)
			c.Version = version
			o := newOutput(t, c)
			err := o.Send(within(t), events(1))
			ours := name == "another CA" || name == "another name"
			if err == nil || ours && !errors.As(err, &person) || name != "no TLS to a port" && !strings.Contains(err.Error(), "certificate") {
				t.Errorf("%s, MQTT %s: %v", name, version, err)
			}
			o.Close()
		}
	}
	o := newOutput(t, right)
	if err := o.Send(within(t), events(1)); err != nil {
		t.Errorf("the right ones afterwards: %v", err)
	}
}

// The same without mosquitto: TLS with certificates of both sides before the
// stand-in.
func TestCertificatesAtTheStandIn(t *testing.T) {
	ca, strangers := newAuthority(t, "ours"), newAuthority(t, "strangers")
	ca.server("broker", local)
	ca.client(agent)
	strangers.client(agent)
	pair, err := tls.LoadX509KeyPair(ca.file("broker.pem"), ca.file("broker.key"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	s := mqtttest.NewStandIn(t, "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool})
	for _, version := range []string{"3.1.1", "5"} {
		c := Settings{Broker: Broker{URL: "mqtts://" + s.Address(), Version: version, TLS: output.TLS{CA: ca.file("ca.pem"), Cert: ca.file(agent + ".pem"), Key: ca.file(agent + ".key")}}}
		o := newOutput(t, c)
		if err := o.Send(within(t), events(300)); err != nil {
			t.Errorf("%s: %v", version, err)
		}
		c.Cert, c.Key = strangers.file(agent+".pem"), strangers.file(agent+".key")
		o = newOutput(t, c)
		if err := o.Send(within(t), events(1)); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s: a stranger: %v", version, err)
		}
		var person *output.Unauthorized
		c.CA = strangers.file("ca.pem")
		o = newOutput(t, c)
		if err := o.Send(within(t), events(1)); !errors.As(err, &person) {
			t.Errorf("%s: another CA: %v", version, err)
		}
	}
}

// A password is read again at every connection.
func TestPasswordFile(t *testing.T) {
	if _, err := exec.LookPath("mosquitto_passwd"); err != nil {
		t.Skip("mosquitto_passwd is not here")
	}
	dir := t.TempDir()
	users, secret := filepath.Join(dir, "users"), filepath.Join(dir, "secret")
	if out, err := exec.Command("mosquitto_passwd", "-b", "-c", users, "relay", "right").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	m := mqtttest.NewMosquitto(t, "password_file "+users+"\n")
	for _, version := range []string{"3.1.1", "5"} {
		os.WriteFile(secret, []byte("wrong\n"), 0o600)
		o := newOutput(t, Settings{Broker: Broker{URL: "mqtt://" + m.Address(), Version: version, Username: "relay", PasswordFile: secret}})
		var person *output.Unauthorized
		if err := o.Send(within(t), events(1)); !errors.As(err, &person) {
			t.Errorf("%s: wrong password: %v", version, err)
		}
		os.WriteFile(secret, []byte("right\n"), 0o600)
		if err := o.Send(within(t), events(1)); err != nil {
			t.Errorf("%s: right password: %v", version, err)
		}
		o.Close() // the next has the same name, and the broker lets one of a name in
	}
}
