# shellcheck shell=sh
# What netifyd 3 or 4 left on this machine: the identifier is taken over; its
# settings are not read by the service, so they are shown with the names that
# they have here.
moving() (
	root=${DPKG_ROOT:-}
	old=$root/etc/netify.d/agent.uuid new=$root/var/lib/netifyd/agent.uuid
	if [ -s "$old" ] && [ ! -e "$new" ]; then
		mkdir -p "${new%/*}" && cp "$old" "$new"
	fi
	# rpm has renamed what was changed.
	for file in /etc/netifyd.conf /etc/netifyd.conf.rpmsave; do
		if [ -s "$root$file" ]; then
			echo "netifyd: the service does not read $file of netifyd 4. Write what you want to keep into /etc/netifyd.toml, and move the old file away. It sets:"
			"$root/usr/sbin/netifyd" -c "$root$file" export-uci 2>&1 | sed "s|$root/etc|/etc|"
		fi
	done
	for file in /etc/default/netifyd /etc/sysconfig/netifyd /etc/sysconfig/netifyd.rpmsave; do
		if grep -qs '^[[:space:]]*NETIFYD_' "$root$file"; then
			echo "netifyd: the service does not read $file of netifyd 4. Name the interfaces as [[interface]] in /etc/netifyd.toml, and move the old file away. It sets:"
			grep '^[[:space:]]*NETIFYD_' "$root$file"
		fi
	done
	true
)
