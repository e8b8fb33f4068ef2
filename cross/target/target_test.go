package target

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	all, err := Read("../targets.tsv")
	if err != nil {
		t.Fatal(err)
	}
	served := map[string]string{} // package and architecture → target
	debian := map[string]bool{}
	for _, x := range all {
		for _, a := range x.OpenWrt {
			key := x.Package() + " " + a
			if before := served[key]; before != "" {
				t.Errorf("%s is served by %s and by %s", key, before, x.Name)
			}
			served[key] = x.Name
		}
		debian[x.Debian] = true
		if x.MaxBinary == 0 || len(x.OpenWrt) > 0 && x.MaxPackage == 0 {
			t.Errorf("%s has no budget", x.Name)
		}
		if !x.Tiny() && (x.MaxCompanion == 0 || len(x.OpenWrt) > 0 && x.MaxCompanionPackage == 0) {
			t.Errorf("%s: netifyctl has no budget", x.Name)
		}
		if x.Tiny() && x.MaxCompanion != 0 {
			t.Errorf("%s: another target has netifyctl of the same architectures", x.Name)
		}
		if strings.HasPrefix(x.Arch, "mips") && !strings.HasSuffix(x.Level, "=softfloat") {
			t.Errorf("%s: routers with MIPS have no FPU", x.Name)
		}
		if x.OS == "linux" && x.Arch != "amd64" && x.Arch != "386" && (x.Qemu == "" || x.CPU == "") {
			t.Errorf("%s has no emulator", x.Name)
		}
	}
	// A name without an FPU part must not get hardware floats (the rule of OpenWrt's feed).
	for arch, want := range map[string]string{
		"mips_24kc": "mips", "mipsel_24kc": "mipsle", "arm_cortex-a7": "arm5", "arm_xscale": "arm5", "arm_arm1176jzf-s_vfp": "arm6",
		"arm_cortex-a7_neon-vfpv4": "arm7", "aarch64_cortex-a53": "arm64", "i386_pentium-mmx": "386-softfloat", "x86_64": "amd64",
	} {
		if got := served["netifyd-go "+arch]; got != want {
			t.Errorf("%s is served by %q, want %q", arch, got, want)
		}
	}
	for _, a := range []string{"amd64", "arm64", "armhf", "armel", "riscv64"} {
		if !debian[a] {
			t.Errorf("Debian's %s is not served", a)
		}
	}
}

func TestBadTables(t *testing.T) {
	good := "a\tlinux\tarm\tGOARM=5\t-\t-\t-\t-\t-\t1\t1\t1\t1\n"
	for name, text := range map[string]string{
		"few columns": "a\tlinux\tarm\n",
		"no system":   strings.Replace(good, "linux", "-", 1),
		"budget":      strings.Replace(good, "\t1\t", "\tmuch\t", 1),
		"negative":    strings.Replace(good, "\t1\n", "\t-5\n", 1),
		"twice":       good + good,
	} {
		path := filepath.Join(t.TempDir(), "targets.tsv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if all, err := Read(path); err == nil {
			t.Errorf("%s: accepted as %+v", name, all)
		} else if !strings.Contains(err.Error(), "targets.tsv:") {
			t.Errorf("%s: no line in %q", name, err)
		}
	}
}
