// Package board serves the page of the fleet. The page asks by name; the server
// puts the arguments into the question, and asks the store as a user who may
// only read. So a browser never writes SQL.
package board

import (
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"netifyd/fleet/queries"
	"netifyd/fleet/store"
)

//go:embed index.html board.js board.css
var files embed.FS

// Handler is the page and its questions: GET /ask/NAME?argument=value. A browser
// that was led here under another name than those of this machine, or one of
// names, gets nothing (DNS rebinding).
func Handler(s *store.Store, names ...string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(files))
	mux.HandleFunc("GET /ask/{name}", func(w http.ResponseWriter, r *http.Request) {
		columns, rows, err := answer(r, s)
		w.Header().Set("Content-Type", "application/json")
		if err != nil {
			code := http.StatusBadRequest
			if errors.Is(err, store.ErrAway) {
				code = http.StatusBadGateway
			}
			w.WriteHeader(code)
			_ = json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
			return
		}
		if rows == nil {
			rows = []map[string]any{}
		}
		said := map[string]any{"columns": columns, "rows": rows}
		if n := limit(r); n > 0 {
			said["limit"] = n
		}
		_ = json.NewEncoder(w).Encode(said)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if ip := net.ParseIP(strings.Trim(host, "[]")); host != "localhost" && !ip.IsLoopback() && !slices.Contains(names, host) {
			http.Error(w, "this page is not called "+strconv.Quote(host)+": say --host NAME where a server before it passes its name on", http.StatusMisdirectedRequest)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	})
}

// limit is how many rows a question gives at the most; 0: all.
func limit(r *http.Request) (n int) {
	q, err := queries.Find(r.PathValue("name"))
	if i := slices.IndexFunc(q.Arguments, func(a queries.Argument) bool { return a.Name == "limit" }); err == nil && i >= 0 {
		n, _ = strconv.Atoi(cmp.Or(r.URL.Query().Get("limit"), q.Arguments[i].Default))
	}
	return n
}

func answer(r *http.Request, s *store.Store) (columns []string, rows []map[string]any, err error) {
	values := map[string]string{}
	for name, v := range r.URL.Query() {
		values[name] = v[0]
	}
	return queries.Ask(r.Context(), s, r.PathValue("name"), values)
}

// Serve answers until ctx ends. It speaks without TLS and knows no passwords:
// beyond loopback it belongs behind a door that does, whose names are given.
func Serve(ctx context.Context, listen string, s *store.Store, names ...string) error {
	host, _, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return errors.New("the board listens on loopback only, as 127.0.0.1:8090: put a server with passwords and TLS, such as nginx or haproxy, before it")
	}
	server := &http.Server{Addr: listen, Handler: Handler(s, names...), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
