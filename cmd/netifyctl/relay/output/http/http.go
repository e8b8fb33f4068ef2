// Package http posts batches to a web server.
package http

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/core/version"
)

// Settings of [[relay.output]] with type = "http".
type Settings struct {
	URL            string            `toml:"url"`
	Headers        map[string]string `toml:"headers"`
	Format         string            `toml:"format"`   // batch, rows, event
	Compress       string            `toml:"compress"` // none, gzip, zstd
	Token          string            `toml:"token"`
	TokenFile      string            `toml:"token_file"`
	Username       string            `toml:"username"`
	Password       string            `toml:"password"`
	PasswordFile   string            `toml:"password_file"`
	Timeout        output.Duration   `toml:"timeout"`
	TimeoutConnect output.Duration   `toml:"timeout_connect"`
	output.TLS
}

type poster struct {
	wish   func([]byte) // nil: nobody hears wishes
	s      Settings
	client *http.Client
	pack   packer
	body   []byte
	each   progress
	now    func() time.Time
}

// progress is how far a batch is that goes a line at a time.
type progress struct {
	kind       string
	epoch, seq uint64
	at         int // lines that are settled
	refused    output.Refused
}

// Open makes the output.
func Open(_ string, decode func(any) error) (output.Output, error) {
	s := Settings{Format: "batch"}
	if err := decode(&s); err != nil {
		return nil, err
	}
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, &output.Invalid{Key: "url", Why: fmt.Sprintf("%q: want http://HOST[:PORT]/PATH or https://…", s.URL)}
	}
	if err := output.CheckNames(s.URL); err != nil {
		return nil, &output.Invalid{Key: "url", Why: err.Error()}
	}
	for name, value := range s.Headers {
		if err := output.CheckNames(value); err != nil {
			return nil, &output.Invalid{Key: "headers", Why: name + ": " + err.Error()}
		}
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			return nil, &output.Invalid{Key: "headers", Why: fmt.Sprintf("%q: no header may be called so, or has such a value", name)}
		}
	}
	if s.Format != "batch" && s.Format != "rows" && s.Format != "event" {
		return nil, &output.Invalid{Key: "format", Why: fmt.Sprintf("%q: want batch (an envelope, then a row a line), rows (rows alone, for a column store) or event (one a request)", s.Format)}
	}
	if s.Compress == "" {
		s.Compress = map[string]string{"event": "none"}[s.Format]
	}
	pack, err := newPacker(s.Compress)
	if err != nil {
		return nil, &output.Invalid{Key: "compress", Why: err.Error()}
	}
	if s.Token, err = output.Secret("token", s.Token, s.TokenFile); err != nil {
		return nil, err
	}
	if s.Password, err = output.Secret("password", s.Password, s.PasswordFile); err != nil {
		return nil, err
	}
	if (s.Token != "" || s.Password != "") && u.Scheme == "http" && !near(u.Hostname()) {
		return nil, &output.Invalid{Key: "url", Why: "a token or a password would be sent for everybody to read: want https://"}
	}
	config, err := s.TLS.Config()
	if err != nil {
		return nil, err
	}
	return &poster{s: s, pack: pack, now: time.Now, client: &http.Client{
		Timeout: s.Timeout.Or(5 * time.Minute),
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: s.TimeoutConnect.Or(30 * time.Second)}).DialContext,
			TLSHandshakeTimeout: s.TimeoutConnect.Or(30 * time.Second),
			TLSClientConfig:     config,
			MaxConnsPerHost:     1,
			IdleConnTimeout:     10 * time.Minute,
			ForceAttemptHTTP2:   true,
			DisableCompression:  true,
		},
		// What is posted elsewhere would be a GET there.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// near says that a host is of this machine or of a private network.
func near(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast())
}

func (p *poster) Send(ctx context.Context, b *output.Batch) error {
	if p.s.Format == "event" {
		return p.sendEach(ctx, b)
	}
	p.body = p.body[:0]
	if p.s.Format == "batch" {
		p.body = append(b.AppendEnvelope(p.body, p.now()), '\n')
	}
	p.body = b.AppendRows(p.body, p.s.Format == "rows")
	return p.post(ctx, b, p.body, "application/x-ndjson")
}

// sendEach posts one line a request. A batch that failed in its middle goes on
// there. A line that is refused is passed over, since the others may be taken.
func (p *poster) sendEach(ctx context.Context, b *output.Batch) error {
	e := &p.each
	if e.kind != b.Kind || e.epoch != b.Epoch || e.seq != b.Seq || e.at >= len(b.Lines) {
		*e = progress{kind: b.Kind, epoch: b.Epoch, seq: b.Seq}
	}
	for ; e.at < len(b.Lines); e.at++ {
		err := p.post(ctx, b, b.Lines[e.at], "application/json")
		var refused *output.Refused
		switch {
		case errors.As(err, &refused):
			e.refused.Words = refused.Words
			e.refused.Rows++
		case errors.Is(err, output.ErrTooLarge):
			e.refused.Words = err.Error()
			e.refused.Rows++
		case err != nil:
			if fault, ok := errors.AsType[*output.Fault](err); ok {
				fault.Settled, fault.Refused = e.at, e.refused.Rows
			}
			return err
		}
	}
	if e.refused.Rows > 0 {
		return &output.Refused{Words: e.refused.Words, Rows: e.refused.Rows}
	}
	return nil
}

func (p *poster) post(ctx context.Context, b *output.Batch, body []byte, kind string) error {
	body, encoding := p.pack.pack(body)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, b.ExpandURL(p.s.URL), bytes.NewReader(body))
	if err != nil {
		return err
	}
	h := r.Header
	h.Set("Content-Type", kind)
	h.Set("User-Agent", "netifyctl/"+version.Number)
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	switch {
	case p.s.Token != "":
		h.Set("Authorization", "Bearer "+p.s.Token)
	case p.s.Username != "":
		r.SetBasicAuth(p.s.Username, p.s.Password)
	}
	for name, value := range p.s.Headers {
		h.Set(name, b.Expand(value))
	}
	if host := h.Get("Host"); host != "" {
		r.Host = host
	}
	answer, err := p.client.Do(r)
	if err != nil {
		return certificate(withoutQuery(err))
	}
	defer answer.Body.Close()
	words, cut := io.ReadAll(io.LimitReader(answer.Body, 200))
	if cut == nil {
		_, cut = io.Copy(io.Discard, io.LimitReader(answer.Body, longestAnswer)) // also so that the connection can be used again
	}
	if wish := answer.Header.Values("Netifyd-Policy"); p.wish != nil && len(wish) > 0 {
		p.wish([]byte(wish[0]))
	}
	err = judge(answer, words)
	if err == nil && cut != nil {
		// Who died while it answered may have died before it had stored the batch.
		return fmt.Errorf("%s, but the answer was cut: %w", answer.Status, cut)
	}
	return err
}

// longestAnswer is how much of an answer is waited for, in bytes. Where a server
// says neither length nor chunks, its answer ends with the connection (RFC 9112,
// 6.3), and cannot be told from one that was cut.
const longestAnswer = 64 << 10

// withoutQuery takes what may be secret out of the URL that an error names.
func withoutQuery(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		u.URL, _, _ = strings.Cut(u.URL, "?")
	}
	return err
}

// judge says what an answer means for the batch.
func judge(answer *http.Response, words []byte) error {
	said := fmt.Errorf("%s %s", answer.Status, bytes.TrimSpace(words))
	switch code := answer.StatusCode; {
	case code >= 200 && code < 300:
		return nil
	case code == http.StatusRequestEntityTooLarge:
		return output.ErrTooLarge
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return &output.Unauthorized{Err: said}
	case code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable:
		return &output.Later{After: retryAfter(answer.Header.Get("Retry-After"), time.Now()), Err: said}
	case code == http.StatusRequestTimeout || code >= 300 && code < 400 || code == http.StatusNotFound || code == http.StatusMethodNotAllowed:
		return said // the server is not set up yet, or not for this: it is asked again
	case code >= 400 && code < 500:
		return &output.Refused{Words: said.Error()}
	case code >= 500:
		return &output.Fault{Err: said}
	default:
		return said
	}
}

// retryAfter reads seconds or a date (RFC 9110, 10.2.3); 0: neither.
func retryAfter(text string, now time.Time) time.Duration {
	if n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if t, err := http.ParseTime(text); err == nil && t.After(now) {
		return t.Sub(now)
	}
	return 0
}

// Hear takes wishes from the header Netifyd-Policy of answers.
func (p *poster) Hear(wish func([]byte)) { p.wish = wish }

func (p *poster) Close() error {
	p.client.CloseIdleConnections()
	return nil
}

// Objects says that rows name their columns, where no envelope does.
func (p *poster) Objects() bool { return p.s.Format != "batch" }
