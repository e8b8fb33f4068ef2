// Quicpeer is a small server and client for QUIC (quic-go) and for TLS with
// Encrypted Client Hello (crypto/tls), to record what they say.
package main

import (
	"context"
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

var (
	serve  = flag.String("serve", "", "address to serve QUIC at")
	tlsAt  = flag.String("tls", "", "address to serve TLS at, or to connect to")
	cert   = flag.String("cert", "", "certificate, PEM")
	key    = flag.String("key", "", "key, PEM")
	alpn   = flag.String("alpn", "", "application protocol other than HTTP/3")
	long   = flag.Bool("long", false, "offer many application protocols, so that the hello is long")
	v2     = flag.Bool("v2", false, "version 2 first")
	only1  = flag.Bool("only1", false, "serve version 1 only")
	and1   = flag.Bool("and1", false, "version 1 too")
	retry  = flag.Bool("retry", false, "demand a token")
	ech    = flag.String("ech", "", "prefix of files that hold an Encrypted Client Hello key and configuration")
	inside = flag.String("name", "", "the server name to hide")
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	var err error
	switch {
	case *tlsAt != "" && *cert != "":
		err = serveTLS()
	case *tlsAt != "":
		err = dialTLS()
	case *serve != "":
		err = serveQUIC()
	default:
		err = dialQUIC(flag.Arg(0))
	}
	if err != nil {
		log.Fatal(err)
	}
}

func versions() []quic.Version {
	switch {
	case *only1:
		return []quic.Version{quic.Version1}
	case *v2 && *and1:
		return []quic.Version{quic.Version2, quic.Version1}
	case *v2:
		return []quic.Version{quic.Version2}
	case *serve != "":
		return []quic.Version{quic.Version1, quic.Version2}
	}
	return []quic.Version{quic.Version1}
}

func serveQUIC() error {
	pair, err := tls.LoadX509KeyPair(*cert, *key)
	if err != nil {
		return err
	}
	conf := &tls.Config{Certificates: []tls.Certificate{pair}, NextProtos: []string{"h3"}}
	if *alpn != "" {
		conf.NextProtos = []string{*alpn}
	}
	at, err := net.ResolveUDPAddr("udp", *serve)
	if err != nil {
		return err
	}
	conn, err := net.ListenUDP("udp", at)
	if err != nil {
		return err
	}
	transport := &quic.Transport{Conn: conn, VerifySourceAddress: func(net.Addr) bool { return *retry }}
	ln, err := transport.ListenEarly(conf, &quic.Config{Versions: versions()})
	if err != nil {
		return err
	}
	if *alpn == "" {
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "It works.") })
		return (&http3.Server{Handler: h}).ServeListener(ln)
	}
	for {
		c, err := ln.Accept(context.Background())
		if err != nil {
			return err
		}
		go func() {
			if s, err := c.AcceptStream(context.Background()); err == nil {
				io.Copy(s, s)
				s.Close()
			}
		}()
	}
}

func dialQUIC(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	conf := &tls.Config{InsecureSkipVerify: true, ServerName: u.Hostname(), NextProtos: []string{"h3"}}
	if *alpn != "" {
		conf.NextProtos = []string{*alpn}
	}
	if *long {
		for i := range 120 {
			conf.NextProtos = append(conf.NextProtos, fmt.Sprintf("an-application-protocol-%d", i))
		}
	}
	qc := &quic.Config{Versions: versions()}
	if *alpn == "" {
		rt := &http3.Transport{TLSClientConfig: conf, QUICConfig: qc, Dial: func(ctx context.Context, addr string, _ *tls.Config, qc *quic.Config) (*quic.Conn, error) {
			return quic.DialAddrEarly(ctx, addr, conf, qc)
		}}
		defer rt.Close()
		r, err := http.NewRequest("GET", address, nil)
		if err != nil {
			return err
		}
		r.Header.Set("User-Agent", "quicpeer/1.0")
		resp, err := rt.RoundTrip(r)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		_, err = io.Copy(log.Writer(), resp.Body)
		return err
	}
	c, err := quic.DialAddr(context.Background(), u.Host, conf, qc)
	if err != nil {
		return err
	}
	defer c.CloseWithError(0, "")
	s, err := c.OpenStreamSync(context.Background())
	if err != nil {
		return err
	}
	if _, err := io.Copy(s, strings.NewReader("\x00\x1d\x00\x00\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07example\x04test\x00\x00\x01\x00\x01")); err != nil {
		return err
	}
	s.Close()
	_, err = io.Copy(io.Discard, s)
	return err
}
