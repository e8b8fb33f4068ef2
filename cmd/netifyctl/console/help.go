package console

// helpLines are the keys.
func helpLines() (lines []line) {
	for _, text := range []string{
		"1-6     the lists: devices, applications (2 again: categories), flows,",
		"        server names, alerts, the agent",
		"arrows  move; also h j k l, g G, Page Up and Page Down, the mouse",
		"enter   open: a device or a flow with all that is known of it, an application",
		"        or a name with its flows, an alert in full; Esc goes back",
		"right   show the applications of a device; left hides them",
		"/       filter while you type: words, device: app: cat: proto: host: port:",
		"        iface: net: state: risk:, and ! for not; Esc takes it away",
		"s S     next and previous order",
		"r p     rates or totals; of now, today, this month",
		"n f     names or addresses; follow the row where the order takes it",
		"space   freeze: nothing moves",
		"i       flows of one interface after the other",
		"+ -     ask more often, less often: each second to each 10 seconds",
		"x x     totals begin at 0 on this screen; the history stays",
		"e E y   write the list as CSV, as JSON; copy the row, or what is open",
		"mouse   a click chooses, a second one opens; the head of a column sorts",
		"?  q    this page; leave. Nothing here blocks or changes anything.",
	} {
		lines = append(lines, plain(text, normal))
	}
	return lines
}
