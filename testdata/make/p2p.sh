#!/bin/bash
# BitTorrent between two peers, without a tracker.
. "$(dirname "$0")/lib.sh"
need ethtool tcpdump tshark transmission-daemon transmission-cli aria2

# transmission serve|peer DIR UTP LPD DHT: a daemon over the torrents in DIR.
transmission() {
	local dir=$tmp/$2
	mkdir -p "$dir/torrents" "$dir/files" "$dir/watch"
	cat >"$dir/settings.json" <<-END
		{ "utp-enabled": $3, "lpd-enabled": $4, "dht-enabled": $5, "pex-enabled": false, "encryption": 0,
		"peer-port": 51413, "port-forwarding-enabled": false, "rpc-enabled": true, "rpc-port": 9091, "rpc-bind-address": "127.0.0.1",
		"rpc-whitelist-enabled": false, "rpc-host-whitelist-enabled": false,
		"download-dir": "$dir/files", "incomplete-dir-enabled": false, "blocklist-enabled": false,
		"watch-dir": "$dir/watch", "watch-dir-enabled": true, "bind-address-ipv6": "::1" }
	END
	"$1" env TR_CURL_VERBOSE=0 transmission-daemon -f -g "$dir" --log-error
}
torrent() {
	mkdir -p "$tmp/seed/files" "$tmp/seed/watch"
	head -c "${1:-16384}" /dev/urandom | base64 >"$tmp/seed/files/a-file.txt"
	transmission-create -s 32 -o "$tmp/a.torrent" "$tmp/seed/files/a-file.txt" >/dev/null
	cp "$tmp/a.torrent" "$tmp/seed/watch/"
}
bt_tcp() {
	begin bittorrent-tcp
	torrent
	transmission serve seed false true false
	await tcp 51413
	mkdir -p "$tmp/leech/watch"
	cp "$tmp/a.torrent" "$tmp/leech/watch/"
	transmission peer leech false true false
	until_true cmp "$tmp/leech/files/a-file.txt" "$tmp/seed/files/a-file.txt"
	finish bittorrent 'Transmission gets a file from Transmission over TCP; they find each other by' 'local service discovery (BEP 14).' 'tcp * BitTorrent' 'udp 6771 BitTorrent'
}
bt_utp() {
	begin bittorrent-utp
	torrent
	transmission serve seed true true false
	await udp 51413
	mkdir -p "$tmp/leech/watch"
	cp "$tmp/a.torrent" "$tmp/leech/watch/"
	transmission peer leech true true false
	until_true cmp "$tmp/leech/files/a-file.txt" "$tmp/seed/files/a-file.txt"
	finish 'udp.port == 51413' 'Transmission gets a file from Transmission over uTP; they find each other by' 'local service discovery (BEP 14).' 'udp 51413 BitTorrent' 'udp 6771 BitTorrent' 
}
bt_dht() {
	begin bittorrent-dht
	torrent
	transmission serve seed false false true
	await udp 51413
	local hash
	hash=$(transmission-show "$tmp/a.torrent" | awk '/Hash/ {print $2; exit}')
	try timeout 25 aria2c --enable-dht=true --dht-listen-port=6882 --dht-entry-point=$s4:51413 --dht-file-path="$tmp/dht.dat" --enable-dht6=false --bt-enable-lpd=false --listen-port=6881 --bt-metadata-only=true --stop=20 -d "$tmp/leech" "magnet:?xt=urn:btih:$hash"
	also='udp and not port 53'
	finish bt-dht 'aria2 asks Transmission for peers' 'over the distributed hash table (BEP 5).' 'udp 51413 BitTorrent'
}

attempt bt_tcp bt_utp bt_dht
