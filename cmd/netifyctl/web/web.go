// Package web serves the answers of the control socket over HTTP: a page for
// browsers, JSON for scripts, server-sent events, and metrics for Prometheus. It
// reads the control socket as any client does.
package web

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"netifyd/cmd/netifyctl/metrics"
	"netifyd/core/query/client"
)

// Bounds.
const (
	maxConns  = 256      // of browsers and scrapers
	maxMute   = 192      // of them from one address that have not asked anything yet
	maxHeader = 8 << 10  // bytes
	maxBody   = 64 << 10 // bytes
	agentConn = 2        // to the agent
)

// options are what the command line says.
type options struct {
	listen, control           string
	tokenFile                 string
	certFile, keyFile         string
	hosts                     []string // names beside localhost that a browser may call us by, on loopback
	token                     string
	logger                    *log.Logger
	refresh, heartbeat, hangs time.Duration // of the events
}

const help = `netifyctl web [options]: a web page of what the agent sees, its answers as JSON, events, and metrics for Prometheus.

  --listen ADDRESS:PORT   where (127.0.0.1:8080). Beyond this machine it wants a password: --token-file
  --control SOCKET        the agent's control socket (/var/run/netifyd/control.sock)
  --token-file FILE       its first line is the password. Who gives it may change things, as name devices;
                          beyond this machine nobody sees anything without it
  --tls-cert FILE         certificate and key in PEM: HTTPS. Both files are read again when they change
  --tls-key FILE
  --host NAME             another name that browsers may call this page by, as behind a proxy; may come again

Then: a browser at http://127.0.0.1:8080, curl http://127.0.0.1:8080/api/status, Prometheus at /metrics.
`

// Run is the command. It ends with SIGINT or SIGTERM.
func Run(arguments []string) int {
	o, err := parse(arguments)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Print(help)
		return 0
	case err != nil:
		fmt.Fprintln(os.Stderr, "netifyctl web:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, o, nil); err != nil {
		fmt.Fprintln(os.Stderr, "netifyctl web:", err)
		return 1
	}
	return 0
}

func parse(arguments []string) (*options, error) {
	o := &options{logger: log.New(os.Stderr, "netifyctl web: ", 0), refresh: 2 * time.Second, heartbeat: 15 * time.Second, hangs: hangs}
	f := flag.NewFlagSet("web", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&o.listen, "listen", "127.0.0.1:8080", "")
	f.StringVar(&o.control, "control", "/var/run/netifyd/control.sock", "")
	f.StringVar(&o.tokenFile, "token-file", "", "")
	f.StringVar(&o.certFile, "tls-cert", "", "")
	f.StringVar(&o.keyFile, "tls-key", "", "")
	f.Func("host", "", func(name string) error { o.hosts = append(o.hosts, strings.ToLower(name)); return nil })
	if err := f.Parse(arguments); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, err
		}
		return nil, fmt.Errorf("%w; `netifyctl web --help` lists the options", err)
	}
	if f.NArg() > 0 {
		return nil, fmt.Errorf("%q is not understood; `netifyctl web --help` lists the options", f.Arg(0))
	}
	if (o.certFile == "") != (o.keyFile == "") {
		return nil, errors.New("--tls-cert and --tls-key go together")
	}
	if o.tokenFile != "" {
		var err error
		if o.token, err = readToken(o.tokenFile); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// serve answers until ctx ends. ready is told the address.
func serve(ctx context.Context, o *options, ready func(net.Addr)) error {
	where, err := net.ResolveTCPAddr("tcp", o.listen)
	if err != nil {
		return fmt.Errorf("--listen %s: want ADDRESS:PORT, such as 127.0.0.1:8080: %w", o.listen, err)
	}
	local := where.IP.IsLoopback()
	if !local && o.token == "" {
		return fmt.Errorf("%s can be reached from other machines, so it wants a password. Make one,\n    head -c 18 /dev/urandom | base64 >password; chmod 600 password\nand say --token-file password; or listen on 127.0.0.1:%d alone", o.listen, where.Port)
	}
	network := "tcp"
	if where.IP.To4() != nil {
		network = "tcp4" // 0.0.0.0 would be IPv6 too
	}
	l, err := net.ListenTCP(network, where)
	if err != nil {
		return err
	}
	s, err := newSite(o, local, l.Addr().(*net.TCPAddr).Port)
	if err != nil {
		l.Close()
		return err
	}
	defer func() { go s.agent.pool.Close() }() // it waits for answers, for which an agent that hangs takes long
	crowd := &crowd{Listener: l, most: maxConns, mute: maxMute}
	server := &http.Server{
		Handler: crowd.watch(s), ConnContext: crowd.context, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: maxHeader, ErrorLog: log.New(io.Discard, "", 0), // what strangers do to connections is no news
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	if o.certFile != "" {
		c := &certificate{cert: o.certFile, key: o.keyFile}
		if err := c.load(); err != nil {
			l.Close()
			return err
		}
		server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}
	} else if !local {
		o.logger.Printf("without --tls-cert the password can be read by who listens on the way")
	}
	if ready != nil {
		ready(l.Addr())
	}
	o.logger.Printf("%s://%s", map[bool]string{true: "https", false: "http"}[o.certFile != ""], l.Addr())
	go func() {
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if server.Shutdown(end) != nil {
			server.Close()
		}
	}()
	if o.certFile != "" {
		err = server.ServeTLS(crowd, "", "")
	} else {
		err = server.Serve(crowd)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// site is what one server shows.
type site struct {
	*options
	local  bool // only this machine reaches it
	agent  *answers
	door   *door
	events *events
	mux    *http.ServeMux
}

func newSite(o *options, local bool, port int) (*site, error) {
	p, err := newPages()
	if err != nil {
		return nil, err
	}
	s := &site{options: o, local: local, mux: http.NewServeMux()}
	s.agent = newAnswers(client.NewPool(o.control, agentConn))
	s.door = newDoor(o.token, port, o.certFile != "")
	s.events = newEvents(s.agent, o.refresh, o.heartbeat, o.hangs)
	s.mux.Handle("GET /metrics", s.readers(metrics.Handler(s.agent)))
	s.mux.Handle("/api/{method}", s.readers(http.HandlerFunc(s.api)))
	s.mux.Handle("GET /events", s.readers(s.events))
	s.mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) { p.login(w, r, "", http.StatusOK) })
	s.mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) { s.door.enter(w, r, p) })
	s.mux.HandleFunc("POST /logout", s.door.leave)
	p.routes(s)
	return s, nil
}
