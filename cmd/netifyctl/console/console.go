// Package console shows who uses what, as it changes, in a terminal: netifyctl
// top. It asks an agent here or elsewhere, and draws; it knows nothing of traffic.
package console

import (
	"cmp"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/gdamore/tcell/v2"
)

const help = `netifyctl top [OPTIONS] [FILTER…]: who uses what, as it changes. ? lists its keys.

  (nothing)          the agent of this machine, at its control socket
  --ssh HOST         the agent of another machine: ssh HOST netifyd query -
  -n HOST -s PORT    the stream of any agent, also of netifyd 3 to 5, over TCP
                     (7150 where no port is named); with --ssh, through ssh
  --stream ADDRESS   the same; a path is a UNIX socket
  --control SOCKET   another control socket
  --view LIST        devices, applications, flows, hosts, alerts or agent
  --interval N       ask every N seconds, 1 to 10; 2 where it is not said
  --once             the list as text, then the end

FILTER chooses flows: words, device: app: cat: proto: host: port: iface: net:
state: risk:, and ! for not, as netifyd flows takes them.
`

// options are what somebody asked for.
type options struct {
	target
	view     *view
	filter   string
	interval time.Duration
	once     bool
}

// Run is netifyctl top. It gives the exit code.
func Run(arguments []string) int {
	o, err := parse(arguments)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Print(help)
		return 0
	case err != nil:
		fmt.Fprintf(os.Stderr, "netifyctl top: %v; netifyctl top --help says more\n", err)
		return 2
	}
	if err := o.run(os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "netifyctl top: %s\n", clean(err.Error()))
		return 1
	}
	return 0
}

func parse(arguments []string) (*options, error) {
	o := &options{}
	set := flag.NewFlagSet("top", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&o.socket, "socket", usualSocket, "")
	set.StringVar(&o.socket, "control", usualSocket, "") // as the other commands call it
	set.StringVar(&o.ssh, "ssh", "", "")
	set.StringVar(&o.stream, "stream", "", "")
	host, port, view := set.String("n", "", ""), set.String("s", "", ""), set.String("view", "", "")
	seconds := set.Int("interval", 2, "")
	set.BoolVar(&o.once, "once", false, "")
	var words []string
	for rest := arguments; len(rest) > 0; { // options may stand behind words
		if err := set.Parse(rest); err != nil {
			return nil, err
		}
		if rest = set.Args(); len(rest) > 0 {
			words, rest = append(words, rest[0]), rest[1:]
		}
	}
	if *host != "" || *port != "" {
		if o.stream != "" {
			return nil, errors.New("--stream and -n say the same: take one of them")
		}
		o.stream = net.JoinHostPort(cmp.Or(strings.Trim(*host, "[]"), "127.0.0.1"), cmp.Or(*port, "7150"))
	}
	o.stream = strings.TrimPrefix(strings.TrimPrefix(o.stream, "tcp://"), "unix://")
	if strings.Contains(o.stream, "/") {
		o.stream, _ = filepath.Abs(o.stream)
	}
	if o.stream != "" && !strings.HasPrefix(o.stream, "/") {
		if _, _, err := net.SplitHostPort(o.stream); err != nil {
			return nil, fmt.Errorf("--stream %s: want host:port, or a path with a / in it", o.stream)
		}
	}
	switch {
	case strings.HasPrefix(o.ssh, "-"):
		return nil, fmt.Errorf("--ssh %s: want a machine", o.ssh)
	case o.ssh != "" && strings.HasPrefix(o.stream, "/"):
		return nil, errors.New("--ssh carries no UNIX socket: leave --stream out to ask the agent, or name host:port")
	case *seconds < 1 || *seconds > 10:
		return nil, fmt.Errorf("--interval %d: want 1 to 10 seconds", *seconds)
	}
	o.interval = time.Duration(*seconds) * time.Second
	o.filter = strings.Join(words, " ")
	if _, err := choose(o.filter); err != nil {
		return nil, err
	}
	if *view == "" {
		*view = map[bool]string{true: "flows", false: "devices"}[o.filter != ""]
	}
	if o.view = findView(*view); o.view == nil {
		return nil, fmt.Errorf("--view %s: want devices, applications, flows, hosts, alerts or agent", *view)
	}
	if o.filter != "" && o.view.method == "" {
		return nil, errors.New("a filter chooses rows of a list, and the agent is none")
	}
	return o, nil
}

// run connects before it takes the screen: ssh may have to ask something.
func (o *options) run(out io.Writer) error {
	s := newScreen(time.Now, o.interval)
	s.view, s.filters[o.view], s.where, s.save = o.view, o.filter, clean(o.name()), saveHere
	a := &asker{dial: o.dialer(time.Now), clock: time.Now}
	src, err := a.dial()
	if err != nil {
		return err
	}
	a.src = src
	defer func() {
		if a.src != nil {
			a.src.Close()
		}
	}()
	if o.once {
		return s.once(a, o, out)
	}
	if info, err := os.Stdout.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return errors.New("standard output is no terminal: --once writes a list as text")
	}
	to, err := tcell.NewScreen()
	if err == nil {
		err = to.Init()
	}
	if err != nil {
		return fmt.Errorf("this terminal (TERM=%s) cannot be drawn on: %w; netifyd top needs no more than escape codes, --once none", os.Getenv("TERM"), err)
	}
	defer to.Fini()
	return s.live(to, a)
}

// once writes the list as text. A stream tells nothing at once, so that it is
// listened to for an interval.
func (s *screen) once(a *asker, o *options, out io.Writer) error {
	if o.stream != "" {
		time.Sleep(o.interval)
	}
	s.width, s.height, s.cursor = 120, mostRows+5, -1
	got := a.answer(s.question())
	if s.take(got); got.wrong != "" {
		return errors.New(got.wrong)
	}
	s.cursor = -1
	lines := s.render()
	for i, l := range lines[:len(lines)-2] {
		var b strings.Builder
		for _, p := range l {
			b.WriteString(p.text)
		}
		text := strings.TrimRight(b.String(), " ")
		if text == "" && i >= s.headLines() {
			continue
		}
		if _, err := fmt.Fprintln(out, text); err != nil {
			return err
		}
	}
	return nil
}

// live shows the screen until somebody leaves it. A frame that a slow line has
// no time for is left out: nothing waits in a queue.
func (s *screen) live(to tcell.Screen, a *asker) error {
	for r, text := range fallbacks {
		to.RegisterRuneFallback(r, text)
	}
	to.EnableMouse(tcell.MouseButtonEvents)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	quit := make(chan struct{})
	events := make(chan tcell.Event, 256)
	go to.ChannelEvents(events, quit)
	ask, got, done := make(chan *question, 1), make(chan *answers), make(chan struct{})
	go func() {
		defer close(done)
		for q := range ask {
			x := a.answer(q)
			select {
			case got <- x:
			case <-quit:
				return
			}
		}
	}()
	defer func() { // the agent may be slow: the end does not wait for it
		close(quit)
		close(ask)
		select {
		case <-done:
		case <-time.After(100 * time.Millisecond):
		}
	}()
	how := styles(to.Colors() >= 8)
	tick := time.NewTimer(0)
	defer tick.Stop()
	for {
		wants := false
		select {
		case <-signals:
			return nil
		case <-tick.C:
			wants = true
			tick.Reset(s.interval)
		case x := <-got:
			s.take(x)
		case ev, ok := <-events:
			for more := true; more && ok; {
				if s.event(to, ev) {
					return nil
				}
				wants = true
				select {
				case ev, ok = <-events:
				default:
					more = false
				}
			}
			if !ok {
				return nil
			}
		}
		if q := s.question(); wants && q != nil {
			select { // the newest question takes the place of one that waits
			case <-ask:
			default:
			}
			ask <- q
		}
		s.draw(to, how)
	}
}

// event does what a key, the mouse or another size of the terminal ask for.
func (s *screen) event(to tcell.Screen, ev tcell.Event) (quit bool) {
	switch ev := ev.(type) {
	case *tcell.EventKey:
		if ev.Key() == tcell.KeyCtrlZ {
			suspend(to)
			return false
		}
		if ev.Key() == tcell.KeyCtrlL {
			to.Sync()
			return false
		}
		return s.press(ev)
	case *tcell.EventMouse:
		s.mouse(ev)
	case *tcell.EventResize:
		to.Sync()
	}
	return false
}

// draw puts the screen on the terminal.
func (s *screen) draw(to tcell.Screen, how [6]tcell.Style) {
	if s.copied != nil {
		clip(to, s.copied)
		s.copied = nil
	}
	width, height := to.Size()
	if s.width, s.height = max(width, 20), max(height, 6); s.shown != nil {
		s.move(0)
	}
	paint(to, s.render(), how)
	to.Show()
}

// clip gives a text to the clipboard of the terminal, if it takes it (xterm, OSC
// 52). tmux and screen take it also under the name that tcell knows too little of.
func clip(to tcell.Screen, text []byte) {
	if tty, ok := to.Tty(); ok && strings.HasPrefix(os.Getenv("TERM"), "screen") {
		fmt.Fprintf(tty, "\x1b]52;c;%s\a", base64.StdEncoding.EncodeToString(text))
		return
	}
	to.SetClipboard(text)
}

// fallbacks are for terminals that know no letters but ASCII.
var fallbacks = map[rune]string{'…': "~", '·': "-", '└': "`", '▾': "v", '↓': "v", '↑': "^", '→': ">",
	'▁': "_", '▂': ".", '▃': ":", '▄': "-", '▅': "=", '▆': "+", '▇': "*", '█': "#"}
