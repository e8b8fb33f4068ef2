package peer

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
)

// HAProxy is the door before a store, with the configuration of fleet/door.
type HAProxy struct {
	process
	Dir  string
	Port int
	env  []string
}

// StartHAProxy makes a door in dir, with a configuration that was read from
// fleet/door and the certificates of ca, before the store at that URL.
func StartHAProxy(dir string, config []byte, ca *CA, store string) (*HAProxy, error) {
	ports, err := Ports(1)
	if err != nil {
		return nil, err
	}
	at, err := url.Parse(store)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	var pair []byte
	for _, suffix := range []string{".crt", ".key"} {
		text, err := os.ReadFile(filepath.Join(ca.Dir, "server"+suffix))
		if err != nil {
			return nil, err
		}
		pair = append(pair, text...)
	}
	for name, text := range map[string][]byte{"server.pem": pair, "haproxy.cfg": config} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return nil, err
		}
	}
	h := &HAProxy{Dir: dir, Port: ports[0]}
	h.env = []string{fmt.Sprintf("LISTEN=127.0.0.1:%d", h.Port), "CERT=" + dir + "/server.pem", "CA=" + ca.Dir + "/ca.crt", "STORE=" + at.Host, "USER=Basic ZGVmYXVsdDo="}
	return h, h.Again()
}

// Again starts a door that was killed.
func (h *HAProxy) Again() error {
	return h.start(h.Dir, "haproxy", []string{"-db", "-f", filepath.Join(h.Dir, "haproxy.cfg")}, connects(h.Port), h.env...)
}

// URL is where relays send their rows.
func (h *HAProxy) URL() string { return fmt.Sprintf("https://localhost:%d/rows/${kind}", h.Port) }
