#!/bin/bash
# Captures of the doors of home gateways, of discovery, and of a thing at a port of its own.
. "$(dirname "$0")/lib.sh"
need ethtool tcpdump tshark libcoap3-bin natpmpc miniupnpd miniupnpc wsdd curl nftables cups-daemon cups-client

coap_port() {
	begin coap-other-port
	serve coap-server-notls -A $s4 -p 5800
	await udp 5800
	client coap-client-notls -m get coap://$s4:5800/time
	finish 'udp.port == 5800' 'coap-client of libcoap reads the time' 'at port 5800.' 'udp 5800 CoAP'
}
gateway() {
	cat >"$tmp/miniupnpd.conf" <<-END
		ext_ifname=lo
		ext_ip=11.0.0.7
		listening_ip=eth0
		port=5000
		enable_natpmp=yes
		enable_upnp=yes
		secure_mode=no
		uuid=00000000-0000-4000-8000-000000000001
		allow 1024-65535 10.9.0.0/24 1024-65535
		deny 0-65535 0.0.0.0/0 0-65535
	END
	in_s nft add table inet filter
	for chain in forward miniupnpd prerouting_miniupnpd postrouting_miniupnpd; do in_s nft add chain inet filter $chain; done
	serve miniupnpd -d -f "$tmp/miniupnpd.conf" -P "$tmp/miniupnpd.pid"
	await udp 5351
}
natpmp() {
	begin natpmp
	gateway
	try natpmpc -g $s4 -a 40022 22 tcp 3600
	also='udp port 5351'
	finish 'udp.port == 5351' 'natpmpc asks miniupnpd for its address' 'and to map a port.' 'udp 5350 NAT/PMP' 'udp 5351 NAT/PMP'
}
upnp_soap() {
	begin soap
	gateway
	printf '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body><u:GetExternalIPAddress xmlns:u="urn:schemas-upnp-org:service:WANIPConnection:1"/></s:Body></s:Envelope>' >"$tmp/ask.xml"
	client curl -s -H 'Content-Type: text/xml' -H 'SOAPAction: "urn:schemas-upnp-org:service:WANIPConnection:1#GetExternalIPAddress"' --data-binary "@$tmp/ask.xml" http://$s4:5000/ctl/IPConn
	also='tcp'
	finish http 'curl asks miniupnpd, a gateway, for its address:' 'SOAP over HTTP on port 5000.' 'tcp 5000 SOAP'
}
wsd() {
	begin wsd
	serve wsdd -i eth0 -n FILER -w OFFICE -4
	await udp 3702
	seen 'udp port 3702' 2
	peer wsdd -i eth0 -D -4 -n DESK -w OFFICE
	seen 'udp port 3702 and src host 10.9.0.1' 2
	also='udp'
	finish 'udp.port == 3702' 'wsdd announces a file server to the network,' 'another wsdd asks who is there.' 'udp 3702 WSD' 'udp * WSD'
}

ipp() {
	begin ipp-cups
	mkdir "$tmp/spool" "$tmp/state" "$tmp/cups-cache"
	printf 'Listen %s:8631\nLogLevel warn\nBrowsing No\nDefaultAuthType None\n<Location />\nAllow all\n</Location>\n' $s4 >"$tmp/cupsd.conf"
	printf 'ServerRoot %s\nRequestRoot %s/spool\nStateDir %s/state\nCacheDir %s/cups-cache\nErrorLog %s/serve.out\nAccessLog /dev/null\n' "$tmp" "$tmp" "$tmp" "$tmp" "$tmp" >"$tmp/cups-files.conf"
	serve cupsd -f -c "$tmp/cupsd.conf" -s "$tmp/cups-files.conf"
	await tcp 8631
	try lpstat -h $s4:8631 -r -t
	finish ipp 'lpstat asks cupsd for its printers' 'on port 8631.' 'tcp 8631 IPP'
}

attempt coap_port natpmp upnp_soap wsd ipp
