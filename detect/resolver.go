package detect

import (
	"bytes"
	"sort"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

// resolvers are hosts that serve DNS over HTTPS and nothing else, as their
// operators publish them. A name stands for itself and all names below it.
var resolvers = [...]string{
	// developers.google.com/speed/public-dns, developers.cloudflare.com/1.1.1.1,
	// quad9.net, support.opendns.com, adguard-dns.io
	"dns.google", "dns64.dns.google", "8888.google",
	"cloudflare-dns.com", "dns.cloudflare.com", "one.one.one.one", "1dot1dot1dot1.cloudflare-dns.com",
	"dns.quad9.net", "dns9.quad9.net", "dns10.quad9.net", "dns11.quad9.net", "dns12.quad9.net",
	"doh.opendns.com", "doh.familyshield.opendns.com", "doh.umbrella.com", "dns.umbrella.com",
	"dns.adguard.com", "dns.adguard-dns.com", "dns-family.adguard.com", "family.adguard-dns.com",
	"unfiltered.adguard-dns.com", "dns-unfiltered.adguard.com",
	// help.nextdns.io, controld.com, mullvad.net, cleanbrowsing.org, dnsforge.de, joindns4.eu
	"dns.nextdns.io", "chromium.dns.nextdns.io", "firefox.dns.nextdns.io", "apple.dns.nextdns.io",
	"dns.controld.com", "freedns.controld.com", "dns.mullvad.net", "doh.cleanbrowsing.org",
	"dnsforge.de", "joindns4.eu", "base.dns.mullvad.net", "adblock.dns.mullvad.net",
	// alidns.com, doh.pub, dns.sb, he.net, twnic.tw, iij.ad.jp, cira.ca, comcast
	"dns.alidns.com", "doh.pub", "dns.pub", "doh.360.cn", "dns.sb", "ordns.he.net", "dns.twnic.tw",
	"public.dns.iij.jp", "private.canadianshield.cira.ca", "protected.canadianshield.cira.ca",
	"family.canadianshield.cira.ca", "doh.xfinity.com", "doh.apple.com", "doh.dns.apple.com",
	// operators of the DNS privacy project's list (dnsprivacy.org) and of the encrypted-dns resolvers' list
	"dns.digitale-gesellschaft.ch", "dns.switch.ch", "odvr.nic.cz", "dns.aa.net.uk", "dns.njal.la",
	"dns.dnshome.de", "dnsnl.alekberg.net", "dnsse.alekberg.net", "dnses.alekberg.net",
	"dns1.dnscrypt.ca", "dns2.dnscrypt.ca", "jp.tiar.app", "jp.tiarap.org", "dot.tiar.app",
	"rdns.faelix.net", "pdns.faelix.net", "resolver-eu.lelux.fi", "unicast.uncensoreddns.org",
	"anycast.uncensoreddns.org", "dns.telekom.de", "dns.bebasid.com", "dns.arapurayil.com",
	"dns.oszx.co", "dns.therifleman.name", "dns.decloudus.com", "dns.flatuslifir.is", "dns0.eu", "zero.dns0.eu",
	"kids.dns0.eu", "dns.circl.lu", "dns.brahma.world", "dnspub.restena.lu", "dns.comss.one", "dns.levonet.sk",
	// DNSCrypt's list of public resolvers (dnscrypt.info/public-servers), what of it serves names alone
	"dnscry.pt", "adfilter.net", "wikimedia-dns.org", "rethinkdns.com", "all.dns.mullvad.net", "extended.dns.mullvad.net",
	"family.dns.mullvad.net", "anycast.dns.nextdns.io", "protective.joindns4.eu", "unfiltered.joindns4.eu", "dns.safesurfer.co.nz",
	"dns.digitalsize.net", "dns.as212683.net", "dns.artikel10.org", "dnslow.me", "ns0.fdn.fr", "ns1.fdn.fr", "helios.plan9-dns.com",
	"dns-doh.dnsforfamily.com", "dns-doh-no-safe-search.dnsforfamily.com", "ibksturm.synology.me",
	"jarjar.meganerd.nl", "chewbacca.meganerd.nl", "dns.t53.de", "dns.containerpi.com", "ea-dns.rubyfish.cn", "uw-dns.rubyfish.cn",
	"dns-nyc.aaflalo.me", "dns.aaflalo.me", "i.233py.com", "adfree.usableprivacy.net",
}

// resolverSums has a bit for the sum of each resolver: nearly every name is
// found to be none without a search.
var resolverSums [64]uint64

func init() {
	sort.Strings(resolvers[:]) // to be searched
	for _, r := range resolvers {
		sum := resolverSum([]byte(r))
		resolverSums[sum>>6] |= 1 << (sum & 63)
	}
}

// resolverSum is a number below 4096 of a name that is not empty.
func resolverSum(name []byte) uint32 {
	n := len(name)
	return (uint32(name[0])<<16 ^ uint32(name[n/2])<<8 ^ uint32(name[n/4]) ^ uint32(n)<<24) * 0x9e3779b1 >> 20
}

// isResolver says that a host name, in lower case, is a resolver's: listed, or
// with a label that says so ("doh", "doh-2").
func isResolver(host []byte) bool {
	for name := host; len(name) > 0; name = parent(name) {
		if sum := resolverSum(name); resolverSums[sum>>6]>>(sum&63)&1 == 0 {
			continue
		}
		at := sort.Search(len(resolvers), func(i int) bool { return resolvers[i] >= string(name) })
		if at < len(resolvers) && resolvers[at] == string(name) {
			return true
		}
	}
	for len(host) > 3 {
		if string(host[:3]) == "doh" && (host[3] == '.' || host[3] == '-' || '0' <= host[3] && host[3] <= '9') {
			return true
		}
		host = parent(host)
	}
	return false
}

// parent is a name without its first label.
func parent(name []byte) []byte {
	if dot := bytes.IndexByte(name, '.'); dot >= 0 {
		return name[dot+1:]
	}
	return nil
}

// refineResolver turns HTTP inside TLS or QUIC into DNS over HTTPS where the
// host is a resolver's.
func refineResolver(res *Result) {
	switch res.Protocol {
	case proto.TLS, proto.HTTPS, proto.QUIC:
		if isResolver(res.Get(attr.HostName)) {
			res.Protocol = proto.DoH
		}
	}
}
