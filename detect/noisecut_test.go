package detect

import (
	"fmt"
	"os"
	"strconv"
	"testing"
)

// TestNoiseCut is TestNoise for single datagrams of which the snap length cut
// off the end: what is lost proves nothing.
func TestNoiseCut(t *testing.T) {
	flows := 40000
	if long, err := strconv.Atoi(os.Getenv("NOISE")); err == nil {
		flows = long
	}
	res := new(Result)
	wrong := map[string]int{}
	for k := range noiseKinds[:4] {
		n := newNoise(uint64(7 + k))
		room := make([]byte, 1500)
		for range flows {
			b := room[: 20+n.rng.IntN(180) : 200]
			noiseKinds[k].fill(n, b)
			in := Input{Over: UDP, IPProtocol: 17, ServerPort: noisePort, ClientPort: noiseClient, ToServer: b}
			in.Lost = 1 + n.rng.IntN(1400)
			if n.rng.IntN(2) == 0 {
				in.Lost = 1 + n.rng.IntN(40)
			}
			start := Start(&in)
			for i := range Registry {
				if start.has(i) {
					res.Reset(Registry[i].ID)
					if Registry[i].Inspect(&in, res) == Match {
						wrong[fmt.Sprintf("%s, %s", Registry[i].ID.Name(), noiseKinds[k].name)]++
					}
				}
			}
		}
	}
	for what, count := range wrong {
		if count > max(1, flows/100000) {
			t.Errorf("%s: %d of %d", what, count, flows)
		}
	}
}
