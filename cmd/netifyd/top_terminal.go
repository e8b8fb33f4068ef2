package main

import (
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// Escape codes (ECMA-48; the private modes of xterm, which older terminals pass over).
const (
	openScreen  = "\x1b[?1049h\x1b[?25l\x1b[H\x1b[2J"
	closeScreen = "\x1b[0m\x1b[?25h\x1b[?1049l"
	eraseRest   = "\x1b[K"
	plainText   = "\x1b[0m"
)

// terminal is the one that the screen is on. It can be left from any goroutine.
type terminal struct {
	in, out *os.File
	colours bool
	shown   []line // what stands on it

	mu  sync.Mutex
	was *unix.Termios // how it was; nil: it is as it was
}

// isTerminal says that a file is one that the cursor can be moved on.
func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), getTermios)
	return err == nil && os.Getenv("TERM") != "dumb"
}

// enter takes the screen. Keys come one by one and unseen from here on.
func (t *terminal) enter() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	was, err := unix.IoctlGetTermios(int(t.in.Fd()), getTermios)
	if err != nil {
		return err
	}
	now := *was
	now.Lflag &^= unix.ICANON | unix.ECHO
	now.Iflag &^= unix.IXON // or a key pressed by accident stops all
	now.Cc[unix.VMIN], now.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(int(t.in.Fd()), setTermios, &now); err != nil {
		return err
	}
	t.was, t.shown = was, nil
	_, err = t.out.WriteString(openScreen)
	return err
}

// leave gives the screen back as it was. Twice is once.
func (t *terminal) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.was == nil {
		return
	}
	_ = unix.IoctlSetTermios(int(t.in.Fd()), setTermios, t.was)
	t.was = nil
	_, _ = t.out.WriteString(closeScreen)
}

// size is how many columns and lines there are; 80 and 24 where the terminal
// does not say, as on a serial line.
func (t *terminal) size() (width, height int) {
	width, height = 80, 24
	if ws, err := unix.IoctlGetWinsize(int(t.out.Fd()), unix.TIOCGWINSZ); err == nil && ws.Col > 0 && ws.Row > 0 {
		return int(ws.Col), int(ws.Row)
	}
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		width = n
	}
	if n, err := strconv.Atoi(os.Getenv("LINES")); err == nil && n > 0 {
		height = n
	}
	return width, height
}

// draw writes the lines that are others than those that stand there.
func (t *terminal) draw(lines []line) error {
	text := changes(t.shown, lines, t.colours)
	t.shown = lines
	if text == "" {
		return nil
	}
	_, err := io.WriteString(t.out, text)
	return err
}

// changes are the codes that make one screen of another. The last column is
// never written to: some terminals go to the next line then.
func changes(was, now []line, colours bool) string {
	var b strings.Builder
	if len(was) != len(now) {
		b.WriteString(plainText + "\x1b[2J")
		was = make([]line, len(now))
	}
	for i := range now {
		if now[i] == was[i] {
			continue
		}
		fmt.Fprintf(&b, "\x1b[%d;1H", i+1)
		if code := now[i].look.code(colours); code != "" {
			b.WriteString(code + now[i].text + plainText)
		} else {
			b.WriteString(now[i].text)
		}
		b.WriteString(eraseRest)
	}
	return b.String()
}

func (l look) code(colours bool) string {
	switch {
	case l == heading:
		return "\x1b[1m"
	case l == under:
		return "\x1b[7m"
	case l == alarm && colours:
		return "\x1b[31m"
	case l == alarm:
		return "\x1b[1m"
	case l == faint && colours:
		return "\x1b[2m"
	}
	return ""
}

// clip gives a text to the clipboard of the terminal, if it takes it (xterm, OSC 52).
func (t *terminal) clip(text []byte) {
	fmt.Fprintf(t.out, "\x1b]52;c;%s\a", base64.StdEncoding.EncodeToString(text))
}

// isPlain says that a terminal has no letters but ASCII: an old one, or one
// whose environment says so.
func isPlain(get func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := get(name); value != "" {
			return !strings.Contains(strings.ToLower(strings.ReplaceAll(value, "-", "")), "utf8")
		}
	}
	term := get("TERM")
	return strings.HasPrefix(term, "vt1") || strings.HasPrefix(term, "vt2") || term == "ansi"
}
