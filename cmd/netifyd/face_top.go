package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"netifyd/core/glyph"
	"netifyd/core/query/client"
)

// topFace shows devices and flows as they change: netifyd top [FILTER…]
// [--interval SECONDS] [--once] [--json] [--csv]. It draws with plain escape
// codes, so that it works on a serial line and in busybox. q ends it.
func topFace(f *face) error {
	if err := f.only("interval", "once", "json", "csv"); err != nil {
		return err
	}
	seconds, err := f.number("interval", 2)
	if err != nil {
		return err
	}
	if err := f.dial(); err != nil {
		return err
	}
	defer func() { f.agent.Close() }()
	if f.has("json") || f.has("csv") {
		delete(f.flags, "interval")
		delete(f.flags, "once")
		f.flags["sort"] = "rate"
		f.agent.Close()
		return flowsFace(f)
	}
	names, err := applications(f.agent)
	if err != nil {
		return err
	}
	if _, _, terminal := screen(); f.has("once") || !terminal {
		return f.frame(f.out, names, 120, 0)
	}
	stop := make(chan os.Signal, 2)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	keys := make(chan byte)
	restore := raw()
	defer restore()
	go func() {
		var b [1]byte
		for {
			if n, err := os.Stdin.Read(b[:]); n == 0 || err != nil {
				close(keys)
				return
			}
			keys <- b[0]
		}
	}()
	tick := time.NewTicker(time.Duration(max(seconds, 1)) * time.Second)
	defer tick.Stop()
	fmt.Fprint(f.out, "\x1b[?25l\x1b[2J")
	defer fmt.Fprint(f.out, "\x1b[?25h\r\n")
	for {
		width, height, _ := screen()
		var text strings.Builder
		if err := f.frame(&text, names, width, height-2); err != nil {
			fmt.Fprintf(&text, "%s\ntrying again\n", cut(err.Error(), width))
			f.agent.Close()
			if err := f.dial(); err != nil {
				fmt.Fprintln(&text, cut(err.Error(), width))
			}
		}
		draw(f.out, text.String(), width, height)
		select {
		case <-tick.C:
		case <-stop:
			return nil
		case key, ok := <-keys:
			if !ok || key == 'q' || key == 3 {
				return nil
			}
		}
	}
}

// frame writes one screen: a line of the agent, the busiest devices, the busiest flows.
func (f *face) frame(out io.Writer, names map[uint64]string, width, height int) error {
	var s statusAnswer
	if err := f.agent.Ask("status", nil, &s); err != nil {
		return err
	}
	var devices, flows client.Rows
	counted := f.agent.Ask("devices", map[string]any{"sort": "rate", "limit": 8}, &devices) == nil // not where usage.enabled is false
	if err := f.agent.Ask("flows", map[string]any{"filter": strings.Join(f.words, " "), "sort": "rate", "limit": 50}, &flows); err != nil {
		return err
	}
	fmt.Fprintf(out, "netifyd  %d flows  %d packets lost  %s\n", flows.Total, s.Capture.Dropped, time.Unix(s.Now, 0).Format("15:04:05"))
	var rows [][]string
	for i := range devices.Rows {
		rows = append(rows, []string{cut(glyph.Clean(cmp.Or(devices.Text(i, "name"), devices.Text(i, "device"))), 24), bits(devices.Number(i, "rate")),
			octets(devices.Number(i, "today_down") + devices.Number(i, "today_up")), count(devices.Number(i, "flows"))})
	}
	if counted {
		table(out, []string{"DEVICE", "RATE", "TODAY", "FLOWS"}, []bool{false, true, true, true}, rows)
		fmt.Fprintln(out)
	}
	rows = rows[:0]
	left := height - len(devices.Rows) - 4
	for i := range flows.Rows {
		if height > 0 && i >= left {
			break
		}
		name := names[flows.Number(i, "application")]
		rows = append(rows, []string{cut(glyph.Clean(flows.Text(i, "device")), 17), cut(glyph.Clean(cmp.Or(name, protocolName(flows.Number(i, "protocol")))), 16),
			bits(flows.Number(i, "down_rate")), bits(flows.Number(i, "up_rate")), octets(flows.Number(i, "bytes")), cut(glyph.Clean(flows.Text(i, "host")), max(width-72, 8))})
	}
	table(out, []string{"DEVICE", "APPLICATION", "DOWN", "UP", "BYTES", "NAME"}, []bool{false, false, true, true, true, false}, rows)
	return nil
}

// draw puts a text on the screen from its upper left corner, and clears what is left of each line.
func draw(out io.Writer, text string, width, height int) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	var b strings.Builder
	b.WriteString("\x1b[H")
	for i := 0; i < height-1; i++ {
		if i < len(lines) {
			b.WriteString(cut(lines[i], width))
		}
		b.WriteString("\x1b[K\r\n")
	}
	b.WriteString("q quit\x1b[K")
	fmt.Fprint(out, b.String())
}

// screen is the size of the terminal, 80 by 24 where it does not say.
func screen() (width, height int, terminal bool) {
	ws, err := unix.IoctlGetWinsize(int(os.Stdout.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 80, 24, false
	}
	if ws.Col == 0 || ws.Row == 0 {
		return 80, 24, true
	}
	return int(ws.Col), int(ws.Row), true
}

// raw lets keys come one by one and unseen, until restore is called.
func raw() (restore func()) {
	fd := int(os.Stdin.Fd())
	was, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return func() {}
	}
	now := *was
	now.Lflag &^= unix.ICANON | unix.ECHO
	now.Cc[unix.VMIN], now.Cc[unix.VTIME] = 1, 0
	_ = unix.IoctlSetTermios(fd, setTermios, &now)
	return func() { _ = unix.IoctlSetTermios(fd, setTermios, was) }
}
