package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// replayedRisks are the risks of each flow of a capture, "name: numbers", sorted.
func replayedRisks(t *testing.T, path string) (list []string) {
	t.Helper()
	at := map[string]int{}
	for l := range strings.Lines(string(replayed(t, path))) {
		var e struct {
			Type string
			Flow struct {
				Digest string
				Host   string `json:"host_server_name"`
				Risks  struct{ Risks []int }
				SSL    struct {
					SNI string `json:"client_sni"`
				}
			}
		}
		if err := json.Unmarshal([]byte(l), &e); err != nil {
			t.Fatal(err)
		}
		if e.Type != "flow" {
			continue
		}
		name := e.Flow.SSL.SNI
		if name == "" {
			name = e.Flow.Host
		}
		says := name + ": " + strings.Trim(fmt.Sprint(e.Flow.Risks.Risks), "[]")
		if i, ok := at[e.Flow.Digest]; ok {
			list[i] = says
		} else {
			at[e.Flow.Digest] = len(list)
			list = append(list, says)
		}
	}
	slices.Sort(list)
	return list
}

// Each server of the capture is wrong in the one way that its name says, and
// netifyd tells that and nothing else (testdata/make/badpeer).
func TestBadServersOfACapture(t *testing.T) {
	want := []string{
		"good.example.test: ",
		"good13.example.test: ",
		"expired13.example.test: ", // TLS 1.3 encrypts the certificate
		"wildcard.example.test: ",
		"expired.example.test: 30",
		"not-yet-valid.example.test: 30",
		"ends-soon.example.test: 29",
		"self-signed.example.test: 37",
		"wrong-host.example.test: 31",
		"two.labels.example.test: 31", // a star stands for one label
		"too-long.example.test: 32",
		"expired-and-own.example.test: 30 37",
		"tls10.example.test: 36",
		"tls11.example.test: 36",
		"rc4.example.test: 41",
		"3des.example.test: 41",
		"no-alpn.example.test: 47",
		"odd-alpn.example.test: 40",
		"refused.example.test: 33",
		": 35",
		"distrusted.example.test: 33",
		"esni.example.test: 38",
		"public.example.test: ", // looks like the filler that browsers send
		"cover.defo.ie: 38",
		"null.example.test: 41",
	}
	slices.Sort(want)
	if got := replayedRisks(t, root+"/testdata/badssl.pcap"); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
