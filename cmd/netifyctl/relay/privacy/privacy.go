// Package privacy removes or hashes personal data before it is sent: hardware
// addresses, names of hosts and of devices.
package privacy

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Filter is what may be told. A nil Filter lets everything through.
type Filter struct {
	mac, host, name string
	key             []byte
	exclude         map[string]bool
	hashes          map[string]string // of hardware addresses; emptied when it is large
	hosts           map[string]string // the same of names

	out []byte
}

const remembered = 4096

// New makes a filter: mac plain, hash or none; host full, domain or none; name
// full or none. The key of hashes is read from a file, which is made where there
// is none.
func New(mac, host, name, keyFile string, exclude []string) (*Filter, error) {
	if name == "" && mac != "" && mac != "plain" {
		name = "none" // who is called by name needs no address
	}
	if (mac == "" || mac == "plain") && (host == "" || host == "full") && (name == "" || name == "full") && len(exclude) == 0 {
		return nil, nil
	}
	f := &Filter{mac: mac, host: host, name: name, exclude: map[string]bool{}, hashes: map[string]string{}, hosts: map[string]string{}}
	for _, m := range exclude {
		f.exclude[strings.ToLower(m)] = true
	}
	if mac == "hash" {
		var err error
		if f.key, err = readKey(keyFile); err != nil {
			return nil, fmt.Errorf("the key of hashes: %w", err)
		}
	}
	return f, nil
}

func readKey(path string) ([]byte, error) {
	key, err := os.ReadFile(path)
	if err == nil && len(key) < 16 {
		return nil, fmt.Errorf("%s: want 16 bytes or more", path)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	key = make([]byte, 32)
	_, _ = rand.Read(key)
	key = []byte(hex.EncodeToString(key) + "\n")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	return key, os.WriteFile(path, key, 0o600)
}

// Excluded says that nothing is told of a device.
func (f *Filter) Excluded(mac string) bool { return f != nil && f.exclude[mac] }

// MAC is what is told for a hardware address; "": nothing. What stands for a
// device that has none is told as IP tells it; the name of a group is let through.
func (f *Filter) MAC(text string) string {
	if !f.hides() {
		return text
	}
	if !IsMAC(text) {
		return f.IP(text)
	}
	if f.mac == "none" || text == "00:00:00:00:00:00" {
		return ""
	}
	h, ok := f.hashes[text]
	if !ok {
		m := hmac.New(sha256.New, f.key)
		m.Write([]byte(text))
		h = hex.EncodeToString(m.Sum(nil)[:8])
		if len(f.hashes) >= remembered {
			clear(f.hashes)
		}
		f.hashes[text] = h
	}
	return h
}

// IsMAC says that a text is a hardware address.
func IsMAC(text string) bool {
	if len(text) != 17 {
		return false
	}
	for i := range len(text) {
		c := text[i]
		if i%3 == 2 != (c == ':') || i%3 != 2 && !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
			return false
		}
	}
	return true
}

// IP is what is told for an address: where hardware addresses are not told, an
// IPv6 address that is made of one (RFC 4291, appendix A) is told as its network.
func (f *Filter) IP(text string) string {
	if !f.hides() || strings.IndexByte(text, ':') < 0 {
		return text
	}
	addr, err := netip.ParseAddr(text)
	if err == nil {
		return f.network(addr, text, func(network netip.Addr) string { return network.String() })
	}
	if at, err := netip.ParseAddrPort(text); err == nil {
		return f.network(at.Addr(), text, func(network netip.Addr) string { return netip.AddrPortFrom(network, at.Port()).String() })
	}
	return text
}

// network words the network of an address that is made of a hardware address;
// text stands for any other.
func (*Filter) network(addr netip.Addr, text string, word func(netip.Addr) string) string {
	if !made(addr) {
		return text
	}
	network, _ := addr.WithZone("").Prefix(64)
	return word(network.Addr())
}

// Host is what is told for the name of a host; "": nothing.
func (f *Filter) Host(text string) string {
	if f == nil || text == "" {
		return text
	}
	if f.host == "" || f.host == "full" {
		return f.hidden(text)
	}
	if f.host == "none" {
		return ""
	}
	d, ok := f.hosts[text]
	if !ok {
		var err error
		if d, err = publicsuffix.EffectiveTLDPlusOne(strings.ToLower(strings.TrimSuffix(text, "."))); err != nil {
			d = "" // a single label, such as the name of a device here
		}
		if _, err := netip.ParseAddr(text); err == nil {
			d = ""
		}
		if len(f.hosts) >= remembered {
			clear(f.hosts)
		}
		f.hosts[text] = d
	}
	return d
}

// Name is what is told for the name of a device; "": nothing.
func (f *Filter) Name(text string) string {
	if f == nil || f.name == "" || f.name == "full" {
		return f.hidden(text)
	}
	return ""
}

// Copy gives a filter of the same mind for another goroutine.
func (f *Filter) Copy() *Filter {
	if f == nil {
		return nil
	}
	return &Filter{mac: f.mac, host: f.host, name: f.name, key: f.key, exclude: f.exclude, hashes: map[string]string{}, hosts: map[string]string{}}
}
