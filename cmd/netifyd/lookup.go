package main

import (
	"fmt"
	"net/netip"
	"strings"

	"netifyd/core/config"
)

// lookup says which application a host name or an address belongs to.
func lookup(cfg *config.Config, what string) error {
	name := strings.TrimSuffix(strings.TrimSpace(what), ".")
	if err := lookable(name); err != nil {
		return err
	}
	apps, err := loadApps(cfg)
	if err != nil {
		return err
	}
	fmt.Println(apps.Explain(name))
	return nil
}

// lookable refuses what is neither a host name nor an address, and says what
// would be one.
func lookable(what string) error {
	if _, err := netip.ParseAddr(what); err == nil {
		return nil
	}
	if _, rest, ok := strings.Cut(what, "://"); ok {
		return fmt.Errorf("%q is a URL: netifyd lookup %s", what, hostOf(rest))
	}
	if host, _, ok := strings.Cut(what, "/"); ok {
		if _, err := netip.ParsePrefix(what); err == nil {
			return fmt.Errorf("%q is a network: netifyd lookup %s", what, host)
		}
		return fmt.Errorf("%q is more than a host name: netifyd lookup %s", what, hostOf(host))
	}
	if host, port, ok := strings.Cut(what, ":"); ok {
		if strings.Trim(port, "0123456789") == "" && isHostName(host) {
			return fmt.Errorf("%q has a port: netifyd lookup %s", what, host)
		}
		return fmt.Errorf("%q is no address", what)
	}
	if strings.Trim(what, "0123456789.") == "" {
		return fmt.Errorf("%q is no address: want four numbers up to 255, as in 192.0.2.1", what)
	}
	if !isHostName(what) {
		return fmt.Errorf("%q is no host name: want letters, digits and - between dots, as in www.example.com; names in other scripts begin with xn-- on the wire", what)
	}
	return nil
}

// hostOf is the host in what follows the scheme of a URL.
func hostOf(s string) string {
	if i := strings.IndexAny(s, "/?#"); i >= 0 {
		s = s[:i]
	}
	s = s[strings.LastIndexByte(s, '@')+1:]
	if host, _, ok := strings.Cut(strings.TrimPrefix(s, "["), "]"); ok {
		return host
	}
	host, _, _ := strings.Cut(s, ":")
	return host
}

// isHostName takes what hosts have as names, also with _, as services have.
func isHostName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}
