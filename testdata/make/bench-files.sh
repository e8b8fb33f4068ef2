#!/bin/sh
# Whole process on large captures: processor time against tcpdump -w /dev/null
# and peak of resident memory, also of ndpiReader where it is installed
# (Debian: libndpi-bin). Captures are written where they are missing: by
# ../shared/bench/make-captures where it is, else out of testdata.
# usage: bench-files.sh AGENT [FOLDER [ROUNDS]]
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
agent=$1 dir=${2:-${TMPDIR:-/tmp}/netifyd-bench} rounds=${3:-5}
command -v tcpdump >/dev/null || { echo "tcpdump is not here: install it to measure against" >&2; exit 1; }
tool=$(mktemp)
trap 'rm -f "$tool"' EXIT
(cd "$root" && ${GO:-go} build -o "$tool" ./testdata/make/benchcap)
mkdir -p "$dir"
if ! [ -s "$dir/manyflows.pcap" ]; then
	if [ -x "$root/../shared/bench/make-captures" ]; then
		"$root/../shared/bench/make-captures" "$dir"
	else
		"$tool" write "$root/testdata" "$dir"
	fi
fi
"$tool" measure "$agent" "$rounds" "$dir/mix.pcap" "$dir/elephant.pcap" "$dir/manyflows.pcap"
