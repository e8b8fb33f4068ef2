#!/bin/sh
# Prints each classified flow as CSV: time (UTC), short digest, application, protocol.
#
#   csv.sh [SOCKET]        from the agent's UNIX socket (/var/run/netifyd/netifyd.sock); needs nc with -U
#   csv.sh HOST PORT       from a TCP listener; any nc will do, that of busybox too
#   csv.sh -               from standard input: netifyd replay capture.pcap | csv.sh -
#
# Needs jq 1.6 or newer. A flow that is told again because more is known of it
# has a line each time; its digest is the same.
set -eu

usage() {
	sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

lines() {
	case $# in
	0) nc -U /var/run/netifyd/netifyd.sock </dev/null ;;
	1) if [ "$1" = - ]; then cat; else nc -U "$1" </dev/null; fi ;;
	*) nc "$1" "$2" </dev/null ;;
	esac
}

[ $# -le 2 ] || usage
case ${1-} in -?*) usage ;; esac
command -v jq >/dev/null || {
	echo "jq is missing: install it" >&2
	exit 1
}

echo 'time,digest,application,protocol'
lines "$@" | jq --unbuffered -r '
	select(.type == "flow") | .flow
	| [ (.first_seen_at / 1000 | floor | todate), .digest[:8], .detected_application_name, .detected_protocol_name ]
	| @csv'
