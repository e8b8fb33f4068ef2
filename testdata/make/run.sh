#!/bin/sh
# Runs the agent live, one line a flow; where it may not capture, says what is
# missing and shows the bundled capture instead.
agent=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap : INT # the agent ends of itself
conf=$dir/netifyd.toml
here=$(dirname "$0")/..
socket=$dir/netifyd.sock
if [ "$(id -u)" = 0 ]; then
	"$agent" status >/dev/null 2>&1
	if [ $? != 1 ]; then # 1: none runs
		echo "netifyd: another agent runs on this machine: the events of this one are at $socket" >&2
	else
		socket=/var/run/netifyd/netifyd.sock
	fi
fi
printf '[agent]\nvolatile_dir = "%s"\n[[listen]]\npath = "%s"\n' "${socket%/*}" "$socket" > "$conf"
"$agent" -v -c "$conf" && exit 0 # not exec: the directory is removed afterwards
echo "netifyd: live capture is not to be had here (see above); showing the bundled capture instead" >&2
"$agent" -v -c "$conf" -I lo,"$here/http-get.pcap"
