#!/bin/bash
# Games and coins, by the libraries that their programs are made with.
. "$(dirname "$0")/lib.sh"
need ethtool tcpdump tshark

# coinpeer is a small program around btcd's and go-ethereum's peers.
coins() { # coins PROTOCOL PORT
	(cd "$make_dir/coinpeer" && go build -buildvcs=false -o "$tmp/coinpeer" .)
	serve "$tmp/coinpeer" "$1" serve $s4:"$2"
	await tcp "$2"
	client "$tmp/coinpeer" "$1" call $s4:"$2"
}
bitcoin() {
	begin bitcoin
	coins bitcoin 8333
	finish bitcoin 'Two peers of btcd tell each other their versions' 'on the main network.' 'tcp 8333 Bitcoin'
}
ethereum() {
	begin ethereum
	coins ethereum 30303
	finish 'udp.port == 30303' 'Two nodes of go-ethereum find each other (discovery v4)' 'and connect (RLPx).' 'tcp 30303 Ethereum' 'udp 30303 Ethereum'
}
enet() {
	need libenet-dev gcc libc6-dev
	begin enet
	gcc -O1 -o "$tmp/enetpeer" "$make_dir/enetpeer.c" -lenet
	serve "$tmp/enetpeer" serve 7777
	await udp 7777
	client "$tmp/enetpeer" $s4 7777
	finish 'udp.port == 7777' 'Two programs made with ENet connect,' 'talk, and part.' 'udp 7777 ENet'
}
xbox() {
	begin xbox
	(cd "$tmp" && npm install --silent --ignore-scripts --no-audit --no-fund xbox-smartglass-core-node@0.6.10 >/dev/null 2>&1)
	cat >"$tmp/find.js" <<-'JS'
		const Smartglass = require('xbox-smartglass-core-node')
		const done = () => process.exit(0)
		Smartglass().discovery().then(() => Smartglass().discovery('10.9.0.2')).then(() =>
			Smartglass().powerOn({ live_id: 'FD00112233FFEE66', tries: 2, ip: '10.9.0.2' })).then(done, done)
	JS
	try node "$tmp/find.js"
	finish 'udp.port == 5050' 'xbox-smartglass-core-node looks for consoles, by broadcast and at an address,' 'and wakes one; none answers.' 'udp 5050 Xbox'
}

attempt bitcoin ethereum enet xbox
