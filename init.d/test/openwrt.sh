# shellcheck shell=dash disable=SC1090,SC2034
# What rc.common, procd.sh and functions.sh of OpenWrt give a script, as far as
# ours asks for it: instead of talking to procd, each call is written to
# $CALLS. Usage: ash openwrt.sh SCRIPT COMMAND. IPKG_INSTROOT is the system.

script=$1 command=$2
shift 2

call() {
	local line="" word
	for word in "$@"; do line="$line${line:+|}$word"; done
	echo "$line" >>"$CALLS"
}

logger() {
	[ "$1" != -s ] || shift
	call log "$4" "$5"
}

for name in procd_open_instance procd_close_instance procd_set_param procd_append_param procd_add_jail procd_add_jail_mount \
	procd_add_jail_mount_rw procd_send_signal procd_add_reload_trigger procd_add_reload_interface_trigger extra_command chown; do
	eval "$name() { call $name \"\$@\"; }"
done

# The agent runs where the test says so.
procd_running() { [ -e "$IPKG_INSTROOT/running" ]; }
_procd_status() {
	if procd_running; then echo running; else
		echo "inactive"
		return 3
	fi
}

# As rc.common does it: the triggers are asked for whenever a service is told to procd.
rc_procd() {
	call procd_open_service
	"$@"
	code=$?
	! type service_triggers >/dev/null || service_triggers
	call procd_close_service
	return $code
}

# The file is a shell script as it stands; what the shell does not understand is skipped, as uci -S does.
sections=0
package() { :; }
config() {
	sections=$((sections + 1))
	eval "type_$sections=\$1"
	config_cb "$@"
}
option() {
	[ "$sections" = 0 ] || eval "value_${sections}_$1=\$2"
	option_cb "$@"
}
list() { list_cb "$@"; }
# A script may have its own.
config_cb() { :; }
option_cb() { :; }
list_cb() { :; }
config_load() {
	sections=0
	while read -r line; do
		(eval "$line") >/dev/null 2>&1 && case $line in config* | option* | list*) eval "$line" ;; esac
	done <"$IPKG_INSTROOT/etc/config/$1"
	return 0
}
config_foreach() {
	local i=1 kind
	while [ $i -le $sections ]; do
		eval "kind=\$type_$i"
		[ "$kind" != "$2" ] || "$1" $i
		i=$((i + 1))
	done
}
config_get() {
	eval "got=\$value_${2}_$3"
	eval "$1=\${got:-\$4}"
}
config_get_bool() {
	local value
	config_get value "$2" "$3" "$4"
	case $value in
	1 | on | true | yes | enabled) value=1 ;;
	0 | off | false | no | disabled) value=0 ;;
	*) value=$4 ;;
	esac
	eval "$1=\$value"
}

. "$script"
case $command in
start) rc_procd start_service ;;
reload) reload_service ;;
stop) ! type service_stopped >/dev/null || service_stopped ;;
status) status_service "" ;;
*) "$command" ;;
esac
