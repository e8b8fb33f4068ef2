package sim

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"netifyd/cmd/netifyctl/relay/ask"
	"netifyd/cmd/netifyctl/relay/lane"
)

// household makes the rows of one router: up to 15 devices, applications by
// Zipf's law, bytes of lognormal size, more of them in the evening.
type household struct {
	r       *rand.Rand
	zipf    *rand.Zipf
	devices int
	version uint64
}

// applications is how many a fleet uses.
const applications = 400

func newHousehold(seed uint64) *household {
	r := rand.New(rand.NewPCG(seed, 1))
	return &household{r: r, zipf: rand.NewZipf(r, 1.2, 3, applications-1), devices: 6 + r.IntN(10)}
}

// diurnal is the share of an hour of the day: 0.3 at four in the morning, 1.7 at eight in the evening.
func diurnal(hour int) float64 { return 1 - 0.7*math.Cos(2*math.Pi*float64(hour-8)/24+math.Pi) }

// hour makes the rows of an hour, JSON arrays of ask.UsageColumns, and the sum of
// their bytes down. An hour has about 300 rows, fewer at night.
func (h *household) hour(start time.Time) (rows [][]byte, down uint64) {
	share := diurnal(start.Hour())
	h.version++
	type cell struct{ device, app int }
	seen := map[cell]bool{}
	for range int(360 * share) {
		c := cell{h.r.IntN(h.devices), int(h.zipf.Uint64())}
		if seen[c] {
			continue
		}
		seen[c] = true
		d := uint64(math.Exp(11+2.2*h.r.NormFloat64()) * share)
		down += d
		rows = append(rows, lane.AppendArray(nil, []any{start.Unix(), int64(3600), fmt.Sprintf("%016x", uint64(c.device+1)*0x9e3779b97f4a7c15), "", fmt.Sprintf("app-%d", c.app),
			"internet", d, d/12 + 40, 1 + h.r.IntN(30), true, false, false, h.version}))
	}
	return rows, down
}

var columns = ask.UsageColumns
