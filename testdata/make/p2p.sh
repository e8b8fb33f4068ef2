#!/bin/bash
# BitTorrent between two peers, without a tracker; Direct Connect between two and a hub.
. "$(dirname "$0")/lib.sh"
need ethtool tcpdump tshark transmission-daemon transmission-cli aria2 uhub ncdc tmux python3

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

# terminal runs ncdc in a terminal of its own.
terminal() { # terminal NAMESPACE NAME
	mkdir -p "$tmp/$2"
	ip netns exec "$1" env -u TMUX TERM=screen LC_ALL=C.UTF-8 NCDC_DIR="$tmp/$2" tmux -S "$tmp/$2.tmux" -f /dev/null new-session -d -x 120 -y 40 ncdc
}
type_in() { # type_in NAME LINE...
	local who=$1 line
	shift
	for line; do
		tmux -S "$tmp/$who.tmux" send-keys -l "$line"
		tmux -S "$tmp/$who.tmux" send-keys Enter
	done
}
shows() { tmux -S "$tmp/$1.tmux" capture-pane -p | grep -q "$2"; }
# shared runs two clients, alice and bob, who shares a file, at a hub: alice searches and gets the file.
shared() { # shared HUB WHAT-ITS-TAB-SHOWS
	local who ns ip
	mkdir "$tmp/files"
	seq 300 >"$tmp/files/numbers-of-a-report.txt"
	for who in bob alice; do
		ns=$ns_c ip=$c4
		[ $who = bob ] && ns=$ns_s ip=$s4
		terminal $ns $who
		until_true shows $who Welcome
		type_in $who "/set nick $who" '/set tls_policy disabled' '/set sudp_policy disabled' '/set active_port 3412' "/set active_ip $ip" '/set active true'
		[ $who = bob ] && type_in bob "/share files $tmp/files"
		type_in $who "/open hub $1"
		until_true shows $who "$2"
	done
	sleep 3 # until the file is hashed and both are logged in
	type_in alice '/search report'
	until_true shows alice numbers-of-a-report
	tmux -S "$tmp/alice.tmux" send-keys d
	until_true cmp "$tmp/files/numbers-of-a-report.txt" "$tmp/alice/dl/numbers-of-a-report.txt"
}
dc_adc() {
	begin dconnect-adc
	: >"$tmp/users.conf"
	printf 'server_port=1511\nhub_name=a hub\nfile_acl=%s/users.conf\n' "$tmp" >"$tmp/uhub.conf"
	serve uhub -c "$tmp/uhub.conf"
	await tcp 1511
	shared adc://$s4:1511/ "#hub"
	finish 'tcp.port == 1511' 'Two ncdc meet at a hub of uhub, one searches and gets a file from the other: ADC' 'with the hub, between the clients, and in the answer to the search over UDP.' 'tcp 1511 DConnect' 'tcp 3412 DConnect' 'udp 3412 DConnect'
}
dc_nmdc() {
	begin dconnect-nmdc
	serve python3 "$make_dir/nmdchub.py" $s4
	await tcp 411
	shared dchub://$s4:411/ "#hub"
	finish 'tcp.port == 411' 'Two ncdc meet at a small hub, one searches and gets a file from the other: NMDC' 'with the hub, between the clients, and in the answer to the search over UDP.' 'tcp 411 DConnect' 'tcp 3412 DConnect' 'udp 3412 DConnect'
}

attempt bt_tcp bt_utp bt_dht dc_adc dc_nmdc
