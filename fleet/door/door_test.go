package door

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"netifyd/cmd/netifyctl/relay/config"
	"netifyd/cmd/netifyctl/relay/output"
	relay "netifyd/cmd/netifyctl/relay/output/http"
	"netifyd/fleet/peer"
	"netifyd/fleet/peer/peertest"
	"netifyd/fleet/schema"
)

const agent = "AG-EN-T0-01"

// A router with a certificate of the fleet adds rows through the door, by the
// lines of docs/fleet.md, and can do nothing else; others do not come in.
func TestDoor(t *testing.T) {
	ca := peertest.Here[*peer.CA](t)(peer.NewCA(t.TempDir()))
	foreign := peertest.Here[*peer.CA](t)(peer.NewCA(t.TempDir()))
	if err := errors.Join(ca.Client(agent), foreign.Client(agent)); err != nil {
		t.Fatal(err)
	}
	click := peertest.Here[*peer.ClickHouse](t)(peer.StartClickHouse(t.TempDir()))
	t.Cleanup(click.Kill)
	store := click.Store("netifyd")
	if _, err := schema.Migrate(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	door := peertest.Here[*peer.HAProxy](t)(peer.StartHAProxy(t.TempDir(), HAProxy, ca, store.URL))
	t.Cleanup(door.Kill)

	text := "[[relay.output]]\nname = \"fleet\"\nkinds = [\"usage\"]\ntype = \"http\"\nformat = \"rows\"\nrows = \"objects\"\nurl = \"" + door.URL() + "\"\n" +
		"ca = \"" + ca.Dir + "/ca.crt\"\ncert = \"" + ca.Dir + "/" + agent + ".crt\"\nkey = \"" + ca.Dir + "/" + agent + ".key\"\n"
	c, err := config.Parse("test", []byte(text), map[string]output.Open{"http": relay.Open})
	if err != nil {
		t.Fatal(err)
	}
	out := c.Outputs[0].Out
	t.Cleanup(func() { _ = out.Close() })
	row := `{"start":` + strconv.FormatInt(time.Now().Unix()/3600*3600, 10) + `,"device":"d","label":"netflix","scope":"internet","down":12,"up":3,"version":1}`
	batch := &output.Batch{Agent: agent, Epoch: 1, Kind: "usage", Lines: [][]byte{[]byte(row)}}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for range 2 {
		if err := out.Send(ctx, batch); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := store.Exec(ctx, "SELECT agent, sum(down), sum(up) FROM usage FINAL GROUP BY agent"); err != nil || strings.TrimSpace(got) != agent+"\t12\t3" {
		t.Errorf("the store has %q, %v", got, err)
	}

	base := strings.TrimSuffix(door.URL(), "/rows/${kind}")
	ask := func(config *tls.Config, method, path string, header http.Header) (int, string, error) {
		client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
		r, err := http.NewRequestWithContext(ctx, method, base+path, strings.NewReader("SELECT 'secret'"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = header
		answer, err := client.Do(r)
		if err != nil {
			return 0, "", err
		}
		defer answer.Body.Close()
		words, err := io.ReadAll(answer.Body)
		return answer.StatusCode, string(words), err
	}
	ours := peertest.Here[*tls.Config](t)(ca.TLS(agent))
	if code, words, err := ask(ours, "GET", "/ping", nil); code != 200 || err != nil {
		t.Errorf("ping: %d %s %v", code, words, err)
	}
	for path, want := range map[string]int{
		"/":                              404,
		"/?query=SELECT+1":               404,
		"/rows/migration":                404,
		"/rows/usage/../../":             404,
		"/rows/usage?query=DROP+TABLE+x": 500, // the store sees the door's words: the body is no row (400 of a current one)
		"/rows/usage%3f&query=SELECT+1":  404,
	} {
		code, words, err := ask(ours, "POST", path, http.Header{"X-Clickhouse-User": {"board"}, "Authorization": {"Basic Ym9hcmQ6"}})
		if err != nil || code != want && (want != 500 || code != 400) || strings.Contains(words, "secret\n") {
			t.Errorf("%s: %d %s %v, not %d", path, code, words, err, want)
		}
	}
	if code, _, err := ask(ours, "GET", "/rows/usage?query=SELECT+1", nil); code != 405 || err != nil {
		t.Errorf("a question by GET: %d, %v", code, err)
	}
	stranger := peertest.Here[*tls.Config](t)(foreign.TLS(agent))
	stranger.RootCAs = ours.RootCAs
	for name, config := range map[string]*tls.Config{"another authority's certificate": stranger, "no certificate": {RootCAs: ours.RootCAs}} {
		if code, words, err := ask(config, "GET", "/ping", nil); err == nil {
			t.Errorf("%s: came in: %d %s", name, code, words)
		}
	}
}
