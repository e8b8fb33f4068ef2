package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"netifyd/core/glyph"
	"netifyd/core/query/client"
)

// topFace shows who uses what as it changes: netifyd top [FILTER…] [--view
// LIST] [--interval SECONDS] [--once] [--json] [--csv]. It draws with plain
// escape codes, so that it works on a serial line and in busybox.
func topFace(f *face) error {
	if err := f.only("view", "interval", "once", "json", "csv"); err != nil {
		return err
	}
	seconds, err := f.number("interval", 2)
	if err != nil {
		return err
	}
	if seconds < 1 || seconds > 10 {
		return fmt.Errorf("--interval %d: want 1 to 10 seconds", seconds)
	}
	if err := f.dial(); err != nil {
		return err
	}
	t := newTop(f.agent, time.Duration(seconds)*time.Second, time.Now)
	defer func() {
		if t.agent != nil {
			t.agent.Close()
		}
	}()
	filter := strings.Join(f.words, " ")
	if t.view = findView(cmp.Or(f.flags["view"], f.usualView(filter))); t.view == nil {
		return fmt.Errorf("--view %s: want devices, applications, flows, hosts, alerts or agent", f.flags["view"])
	}
	if filter != "" && !t.view.filtered {
		return fmt.Errorf("a filter chooses devices or flows: netifyd top --view flows %s", filter)
	}
	t.filters[t.view] = filter
	if f.has("json") || f.has("csv") {
		return f.topText(t)
	}
	if f.has("once") || !isTerminal(os.Stdout) {
		return t.once(f.out)
	}
	t.dial = func() (*client.Client, error) {
		err := f.dial()
		return f.agent, err
	}
	t.save = saveHere
	return t.live()
}

// usualView is the list that is shown first: devices, or flows where a filter
// asks for what devices do not have, or where nothing is counted.
func (f *face) usualView(filter string) string {
	var rows client.Rows
	if filter != "" || f.agent.Ask("devices", map[string]any{"limit": 1}, &rows) != nil {
		return "flows"
	}
	return "devices"
}

// topText gives the list of a view in JSON or CSV.
func (f *face) topText(t *top) error {
	method := cmp.Or(t.view.method, "status")
	args := map[string]any{}
	if method != "status" {
		t.height = mostRows + frameLines
		args = t.arguments()
		delete(args, "sort")
		if len(t.view.sorts) > 0 {
			args["sort"] = t.view.sorts[0]
		}
	} else if f.has("csv") {
		return fmt.Errorf("the agent is no list: --json")
	}
	var list client.Rows
	_, err := f.list(method, args, 0, &list)
	return err
}

// once writes the list as text, without keys.
func (t *top) once(out io.Writer) error {
	t.width, t.height = 120, 50+frameLines
	if isTerminal(os.Stdout) {
		t.width, _ = (&terminal{out: os.Stdout}).size()
	}
	t.refresh()
	if t.wrong != "" {
		return fmt.Errorf("%s", t.wrong)
	}
	lines := append(t.head(), t.body()...)
	for _, l := range lines {
		if strings.HasPrefix(l.text, "> ") {
			l.text = "  " + l.text[2:]
		}
		if _, err := fmt.Fprintln(out, strings.TrimRight(glyph.Cut(glyph.Clean(l.text), t.width), " ")); err != nil {
			return err
		}
	}
	return nil
}

// saveHere writes a file into the working directory, and never over another.
func saveHere(name string, text []byte) error {
	f, err := os.OpenFile(filepath.Base(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	if _, err = f.Write(text); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// Times of keys and of the end.
const (
	keyPause  = 100 * time.Millisecond // what an ESC alone is known by
	endWithin = time.Second            // the screen is given back within this after a signal, come what may
)

// live shows the screen until somebody leaves it. The terminal is as it was
// afterwards, also after a signal that comes while a slow line or the agent is
// waited for.
func (t *top) live() error {
	term := &terminal{in: os.Stdin, out: os.Stdout, colours: os.Getenv("NO_COLOR") == ""}
	t.plain = isPlain(os.Getenv)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGTSTP, syscall.SIGWINCH)
	defer signal.Stop(signals)
	if err := term.enter(); err != nil {
		return fmt.Errorf("keys cannot be read from standard input (%w): netifyd top --once", err)
	}
	defer term.leave()
	end, resized, stopped := make(chan struct{}), make(chan struct{}, 1), make(chan struct{}, 1)
	done := make(chan struct{})
	defer close(done)
	go func() {
		for s := range signals {
			switch s {
			case syscall.SIGWINCH:
				raise(resized)
			case syscall.SIGTSTP:
				raise(stopped)
			default:
				close(end)
				select {
				case <-done:
				case <-time.After(endWithin):
					term.leave()
					os.Exit(1)
				}
				return
			}
		}
	}()
	bytes := make(chan byte)
	go readBytes(term.in, bytes, done)
	return t.loop(term, bytes, resized, stopped, end)
}

// raise leaves a mark in a channel that holds one.
func raise(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func readBytes(in io.Reader, to chan<- byte, done <-chan struct{}) {
	defer close(to)
	var b [64]byte
	for {
		n, err := in.Read(b[:])
		for _, c := range b[:n] {
			select {
			case to <- c:
			case <-done:
				return
			}
		}
		if n == 0 || err != nil {
			return
		}
	}
}

// loop draws, and does what keys and signals ask for. A frame that a slow
// terminal has no time for is left out: nothing waits in a queue.
func (t *top) loop(term *terminal, bytes <-chan byte, resized, stopped, end <-chan struct{}) error {
	tick := time.NewTimer(0)
	defer tick.Stop()
	alone := time.NewTimer(time.Hour)
	defer alone.Stop()
	var keys keyReader
	press := func(list []rune) (quit bool) {
		for _, key := range list {
			if t.press(key) {
				return true
			}
		}
		if len(list) > 0 && !t.typing && !t.help {
			t.refresh()
		}
		return false
	}
	for {
		select {
		case <-end:
			return nil
		case <-resized:
		case <-stopped:
			term.leave()
			_ = syscall.Kill(syscall.Getpid(), syscall.SIGSTOP)
			if err := term.enter(); err != nil {
				return err
			}
		case <-tick.C:
			t.refresh()
			tick.Reset(t.interval)
		case <-alone.C:
			if press(keys.pause()) {
				return nil
			}
		case b, ok := <-bytes:
			if !ok || press(keys.feed(b)) {
				return nil
			}
			if keys.waits() {
				alone.Reset(keyPause)
			}
		}
		if t.copied != nil {
			term.clip(t.copied)
			t.copied = nil
		}
		t.width, t.height = term.size()
		t.width = max(t.width-1, 20)
		t.height = max(t.height, 6)
		if err := term.draw(t.render()); err != nil {
			return err
		}
	}
}
