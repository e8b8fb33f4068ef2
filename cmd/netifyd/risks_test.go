package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"netifyd/core/risk"
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

// The same of OpenSSL's and GnuTLS' own servers and clients (testdata/make/risks.sh).
func TestBadServersOfOpenSSL(t *testing.T) {
	want := []string{
		"good.example.test: ",
		"good13.example.test: ",
		"expired.example.test: 30",
		"not-yet-valid.example.test: 30",
		"ends-soon.example.test: 29",
		"wrong-host.example.test: 31",
		"too-long.example.test: 32",
		"self.example.test: 37",
		"sha1.example.test: ", // no risk of the list
		"rsa1024.example.test: ",
		"tls10.example.test: 36",
		"tls11.example.test: 36",
		"null.example.test: 41",
		"anonymous.example.test: 41",
		"3des.example.test: 41",
		"rc4.example.test: 41",
		": 35",
		"no-alpn.example.test: 47",
		"no-alpn13.example.test: 47",
		"odd-alpn.example.test: 40",
		"distrusted.example.test: 33 37",
		"refused.example.test: 33",
		"client-certificate.example.test: ",
	}
	slices.Sort(want)
	if got := replayedRisks(t, root+"/testdata/badssl-openssl.pcap"); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// corpusRisks are the captures that show each risk, with the number of their
// flows that do; flows is how many there are.
func corpusRisks(t *testing.T, captures []string) (found map[risk.ID]map[string]int, flows int) {
	t.Helper()
	out, _ := exec.Command(binary, append([]string{"-c", bare, "replay"}, captures...)...).Output() // some are damaged
	type name struct {
		Capture, Digest string
		First           int64
	}
	last := map[name][]risk.ID{}
	for l := range bytes.Lines(out) {
		var e struct {
			Type, Interface string
			Flow            struct {
				Digest string
				First  int64 `json:"first_seen_at"`
				Risks  struct{ Risks []risk.ID }
			}
		}
		if err := json.Unmarshal(l, &e); err != nil {
			t.Fatal(err)
		}
		if e.Type == "flow" {
			last[name{e.Interface, e.Flow.Digest, e.Flow.First}] = e.Flow.Risks.Risks
		}
	}
	found = map[risk.ID]map[string]int{}
	for n, risks := range last {
		for _, id := range risks {
			if found[id] == nil {
				found[id] = map[string]int{}
			}
			found[id][n.Capture]++
		}
	}
	return found, len(last)
}

// TestRisksOfTheCorpus holds what docs/risks.md says of other people's captures,
// where they are; -update counts anew.
func TestRisksOfTheCorpus(t *testing.T) {
	captures, err := filepath.Glob(root + "/../shared/corpus/captures/*")
	if err != nil || len(captures) == 0 {
		t.Skip("no corpus beside the project")
	}
	found, flows := corpusRisks(t, captures)
	table := fmt.Sprintf("%d captures, %d flows:\n\n| risk | flows | captures | most of them in |\n|---|---|---|---|\n", len(captures), flows)
	sum := func(id risk.ID) (n int) {
		for _, count := range found[id] {
			n += count
		}
		return n
	}
	for _, id := range slices.SortedFunc(maps.Keys(found), func(a, b risk.ID) int { return cmp.Or(sum(b)-sum(a), int(a)-int(b)) }) {
		names := slices.SortedFunc(maps.Keys(found[id]), func(a, b string) int { return cmp.Or(found[id][b]-found[id][a], strings.Compare(a, b)) })
		table += fmt.Sprintf("| %s | %d | %d | %s (%d) |\n", id.Name(), sum(id), len(names), names[0], found[id][names[0]])
	}
	const page, begin, end = root + "/docs/risks.md", "-run RisksOfTheCorpus -update` -->\n", "<!-- end of counts -->\n"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	was, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s lacks its marks", page)
	}
	switch {
	case *update:
		if err := os.WriteFile(page, []byte(before+begin+table+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	case was != table:
		t.Errorf("the counts of %s are old (-update counts anew; look at each new flow first):\n%s", page, table)
	}
}
