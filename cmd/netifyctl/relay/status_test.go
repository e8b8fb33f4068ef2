package relay

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A status that nobody renews is that of a relay which does not run.
func TestStatusOfNobody(t *testing.T) {
	dir := t.TempDir()
	conf := filepath.Join(dir, "c.toml")
	text := fmt.Sprintf("[relay]\nstatus = \"%s/status.json\"\n[[relay.output]]\ntype = \"log\"\nkinds = [\"usage\"]\npath = \"%s/log\"\n", dir, dir)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for ago, want := range map[time.Duration]int{0: 0, time.Hour: 1} {
		if err := os.WriteFile(filepath.Join(dir, "status.json"), fmt.Appendf(nil, `{"time":%d}`, time.Now().Add(-ago).Unix()), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := Run([]string{"status", "--config", conf}); got != want {
			t.Errorf("written %v ago: %d, want %d", ago, got, want)
		}
	}
}

// A configuration that cannot be read is told: the status of another place may be shown.
func TestStatusWithoutConfiguration(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	conf := filepath.Join(t.TempDir(), "none.toml")
	usual := os.Stderr
	os.Stderr = w
	Run([]string{"status", "--config", conf})
	os.Stderr = usual
	w.Close()
	if said, err := io.ReadAll(r); err != nil || !strings.Contains(string(said), "open "+conf) {
		t.Errorf("%v, %q", err, said)
	}
}

// An agent that is not known has words in place of a blank.
func TestStatusOfAnUnknownAgent(t *testing.T) {
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	now := time.Now()
	printStatus(out, &Status{Time: now.Unix()}, now)
	if text, err := os.ReadFile(out.Name()); err != nil || !strings.HasPrefix(string(text), "agent unknown: ") {
		t.Errorf("%v, %q", err, text)
	}
}
