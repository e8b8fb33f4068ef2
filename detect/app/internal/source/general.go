package source

import "strings"

// TooGeneral says why a domain would catch other people's sites; empty: it
// would not. shared says that the entry is a content network or a hosting
// company, to which such names do belong.
func TooGeneral(domain string, shared bool) string {
	labels := strings.Split(domain, ".")
	tld := labels[len(labels)-1]
	switch {
	case len(labels) == 1 && !brandTLDs[domain] && domain != "gov" && domain != "mil": // those are one government's
		return "a single label takes in everything below it"
	case len(labels) == 2 && len(tld) == 2 && secondLevel[labels[0]] && !registered[domain]:
		return "names of other people are registered below it"
	case publicSuffixes[domain]:
		return "names of other people are registered below it"
	case sharedHosts[domain] && !shared:
		return "it serves other people's sites: only an entry with network = true may have it"
	}
	return ""
}

func set(names string) map[string]bool {
	m := map[string]bool{}
	for _, n := range strings.Fields(names) {
		m[n] = true
	}
	return m
}

// brandTLDs are top-level domains of one company (ICANN Specification 13), in
// which nobody else can register.
var brandTLDs = set(`google youtube gmail android chrome microsoft windows azure office bing xbox skype apple aws amazon
	netflix sony samsung bbc bmw audi ford toyota honda cisco dell hp ibm intel oracle sap visa barclays hsbc citi
	chase walmart ikea lego nike canon epson fujitsu hitachi panasonic nokia lg alibaba taobao tmall weibo sina
	baidu yandex mtn vodafone bosch siemens volkswagen lidl aldi sky bloomberg abb airbus kpmg deloitte`)

// secondLevel are labels that registries of countries put before names. Those of
// governments are not among them: one body has all that is below.
var secondLevel = set(`co com org net edu ac or ne nom info biz sch ltd plc nhs asso ed gr lg
	idv firm gen iwi maori`)

// registered are names of one owner that look like a registry's.
var registered = set(`nhs.uk g.co t.co ac.me or.at ad.gt tv.it biz.pl nom.co ed.cl net.hr info.cz ed.nl gr.ch ne.ch`)

// publicSuffixes are further names under which anybody registers.
var publicSuffixes = set(`me.uk uk.com us.com eu.com de.com gb.net uk.net se.net jp.net br.com cn.com ru.com sa.com za.com in.net
	eu.org us.org co.com gb.com hu.com jpn.com kr.com no.com qc.com ae.org
	com.au net.au org.au co.uk org.uk ac.uk co.jp or.jp ne.jp com.br com.cn com.tw co.kr co.in co.nz co.za
	home.arpa arpa local localhost lan internal`)

// sharedHosts belong to one company, and what is below them to its customers.
var sharedHosts = set(`cloudfront.net amazonaws.com awsglobalaccelerator.com akamai.net akamaiedge.net akamaihd.net akamaized.net
	akadns.net edgekey.net edgesuite.net akamaistream.net fastly.net fastlylb.net fastly-edge.com cloudflare.net
	azureedge.net azurefd.net trafficmanager.net windows.net core.windows.net blob.core.windows.net
	googlehosted.com b-cdn.net bunnycdn.com kxcdn.com cdn77.org cdn77.net edgecastcdn.net llnwd.net
	llnw.net stackpathdns.com hwcdn.net footprint.net lldns.net gcdn.co digitaloceanspaces.com ondigitalocean.app
	linodeobjects.com vultrobjects.com r2.dev cdn.cloudflare.net jsdelivr.net unpkg.com
	your-server.de ovh.net ovh.ca hetzner.com kasserver.com secureserver.net aliyuncs.com alicdn.cn kunlunaq.com
	myqcloud.com tencentcos.cn cdntip.com cdn20.com wscdns.com wsdvs.com chinanetcenter.com
	impervadns.net incapdns.net sucuri.net quic.cloud netdna-cdn.com netdna-ssl.com bc.googleusercontent.com
	github.io gitlab.io githubusercontent.io blogspot.com blogspot.co.uk blogspot.de
	herokuapp.com herokussl.com netlify.app vercel.app now.sh pages.dev workers.dev web.app firebaseapp.com
	appspot.com run.app cloudfunctions.net glitch.me surge.sh onrender.com fly.dev
	railway.app trycloudflare.com azurewebsites.net cloudapp.net
	cloudapp.azure.com azurestaticapps.net elasticbeanstalk.com
	dyndns.org dynu.net duckdns.org no-ip.org no-ip.com ddns.net hopto.org zapto.org sytes.net freeddns.org myftp.org
	hatenablog.com notion.site csb.app dweb.link hf.space gitbook.io figma.site pstmn.io discordsays.com
	yandexcloud.net supabase.co sakura.ne.jp bcebos.com backblazeb2.com wasabisys.com
	dynv6.net afraid.org synology.me myqnapcloud.com myfritz.net nip.io sslip.io xip.io`)
