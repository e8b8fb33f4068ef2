package relay

import (
	"fmt"
	"os"
	"path/filepath"
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
