package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"netifyd/core/capture/pcapfile"
	"netifyd/core/config"
	"netifyd/core/event"
	"netifyd/core/sink"
	"netifyd/core/usage"
	"netifyd/detect/app"
)

// captures are those of the project, and of a folder of yours: NETIFYD_CAPTURES.
func captures(t *testing.T) []string {
	t.Helper()
	files, _ := filepath.Glob("../../testdata/*.pcap*")
	if dir := os.Getenv("NETIFYD_CAPTURES"); dir != "" {
		more, _ := filepath.Glob(filepath.Join(dir, "*cap*"))
		files = append(files, more...)
	}
	if len(files) < 100 {
		t.Fatalf("only %d captures", len(files))
	}
	return files
}

// booked is what usage has of a replayed file, in all and without strays.
type booked struct{ all, told, flows uint64 }

func bookedOf(u *usage.Table) (b booked) {
	u.Devices.Lock()
	defer u.Devices.Unlock()
	rows, _ := u.Rows(nil, 0, u.Steps())
	for _, r := range rows {
		if r.Label == usage.Peer {
			continue
		}
		b.all += r.Sum()
		if r.Label != usage.Stray {
			b.told += r.Sum()
			b.flows += uint64(r.Flows)
		}
	}
	return b
}

// Whatever room there is, what is booked is what flow_purge tells of, to the byte.
func TestUsageOfEveryCapture(t *testing.T) {
	apps := app.Default()
	folded := uint64(0)
	for _, path := range captures(t) {
		var want booked
		for _, size := range []struct{ devices, cells int }{{256, 2048}, {2, 8}} {
			c := config.Default()
			c.Usage.Devices, c.Usage.Cells = size.devices, size.cells
			var lines bytes.Buffer
			out := sink.NewWriter(&lines, event.V4)
			sum, err := Replay(c, apps, path, "x", out)
			if err != nil && !errors.Is(err, pcapfile.ErrTruncated) {
				t.Fatal(path, err)
			}
			out.Flush()
			purged := booked{}
			for l := range bytes.Lines(lines.Bytes()) {
				var e struct {
					Type string
					Flow struct {
						Total uint64 `json:"total_bytes"`
					}
				}
				if err := json.Unmarshal(l, &e); err != nil {
					t.Fatal(err)
				}
				if e.Type == "flow_purge" {
					purged.told += e.Flow.Total
					purged.flows++
				}
			}
			have := bookedOf(sum.Usage)
			if have.told != purged.told || have.flows != purged.flows {
				t.Errorf("%s, %d cells: booked %d bytes of %d flows, told %d of %d", path, size.cells, have.told, have.flows, purged.told, purged.flows)
			}
			if want != (booked{}) && have != want {
				t.Errorf("%s: with 8 cells %+v, with 2048 %+v", path, have, want)
			}
			want = have
			folded += sum.Usage.Stats().Folded
		}
	}
	if os.Getenv("NETIFYD_CAPTURES") != "" && folded == 0 {
		t.Error("nothing was folded: the small tables were never full")
	}
}
