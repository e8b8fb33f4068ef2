package app

import (
	"os/exec"
	"testing"
)

// The script that compares blocks with their owners' lists, which is run by
// hand, reads the forms in which they publish them.
func TestRangesOfOwners(t *testing.T) {
	if exec.Command("python3", "-c", "import tomllib").Run() != nil {
		t.Skip("no Python 3.11")
	}
	const read = `import glob, sys; sys.path.insert(0, "catalogue"); import ranges
for path in sorted(glob.glob("testdata/ranges/*")): print(path[16:], *sorted(map(str, ranges.blocks(open(path).read()))))`
	const want = `aws.json 2600:1f01:4840::/47 3.4.12.4/32 52.94.76.0/22
azure.json 2603:1000:4:402::178/125 4.145.74.52/30
cloudflare.txt 103.21.244.0/22 173.245.48.0/20
digitalocean.csv 2a03:b0c0::/32 5.101.96.0/21
fastly.json 23.235.32.0/20 2a04:4e40::/32 43.249.72.0/22
github.json 192.30.252.0/22 2606:50c0::/32
google.json 2600:1900:8000::/44 34.1.208.0/20
linode.csv 2600:3c00::/32 45.33.0.0/18
oracle.json 129.146.0.0/21 134.70.8.0/22
`
	got, err := exec.Command("python3", "-B", "-c", read).CombinedOutput()
	if err != nil || string(got) != want {
		t.Errorf("%v, got\n%swant\n%s", err, got, want)
	}
}
