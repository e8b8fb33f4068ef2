package board

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netifyd/fleet/peer"
	"netifyd/fleet/schema"
)

// A real browser draws what a real store says; a name that is HTML is text.
func TestPage(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not here: apt-get install chromium")
	}
	click, err := peer.StartClickHouse(t.TempDir())
	if errors.Is(err, peer.ErrNone) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	defer click.Kill()
	s := click.Store("netifyd")
	if _, err := schema.Migrate(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	var rows []string
	for h := range 30 {
		for i, label := range []string{"netflix", "<img src=x onerror=document.title='bad'>", "youtube"} {
			rows = append(rows, fmt.Sprintf(`{"start":%d,"seconds":3600,"agent":"AA-01","site":"","device":"00d%d","name":"","label":%q,"scope":"internet","down":%d,"up":%d,"flows":3,"version":1,"epoch":1,"seq":%d,"lost":2}`,
				time.Now().Unix()/3600*3600-int64(h)*3600, i, label, (1+i)*(5+h%7)*100_000_000, (1+h%3)*9_000_000, 2*h))
		}
	}
	for i := range 3000 { // more than a page shows
		rows = append(rows, fmt.Sprintf(`{"start":%d,"seconds":3600,"agent":"R-%04d","device":"00ff","label":"<b>dns</b>","scope":"internet","down":%d,"version":1,"epoch":1,"seq":0}`, time.Now().Unix()/3600*3600, i, i))
	}
	if err := s.Insert(t.Context(), "usage_in", []byte(strings.Join(rows, "\n"))); err != nil {
		t.Fatal(err)
	}
	page := httptest.NewServer(Handler(click.Board("netifyd")))
	defer page.Close()
	browse := func(hash string, more ...string) string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		args := append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--user-data-dir=" + t.TempDir(), "--virtual-time-budget=4000", "--dump-dom"}, more...)
		out, err := exec.CommandContext(ctx, chromium, append(args, page.URL+"/"+hash)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	for hash, wants := range map[string][]string{
		"":                                {"Fleet today", "<title>20", "AA-01", "netflix", "GiB", "The first 1000 rows.", "&lt;b&gt;dns"},
		"#router?agent=AA-01":             {"The last 48 hours", "00d1", "netflix"},
		"#device?agent=AA-01&device=00d0": {"The last 31 days", "netflix"},
		"#losses":                         {"missing", "usage"},
		"#router":                         {`placeholder="agent"`},
	} {
		dom := browse(hash)
		for _, want := range wants {
			if !strings.Contains(dom, want) {
				t.Errorf("%s: %q is not on the page:\n%s", hash, want, dom[max(0, len(dom)-1500):])
			}
		}
		if strings.Contains(dom, "<img") || strings.Contains(dom, "<b>") || strings.Contains(dom, "bad</title>") {
			t.Errorf("%s: a name became HTML", hash)
		}
	}
	if shots := os.Getenv("FLEET_SHOTS"); shots != "" {
		for name, hash := range map[string]string{"today": "", "router": "#router?agent=AA-01", "losses": "#losses"} {
			browse(hash, "--screenshot="+filepath.Join(shots, name+".png"), "--window-size=1100,1000")
			browse(hash, "--screenshot="+filepath.Join(shots, name+"-phone.png"), "--window-size=500,900", "--force-dark-mode")
		}
	}
}
