package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// check-config says what a start would refuse, before it does; what a start
// takes is at most a warning.
func TestCheckConfig(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	ethers := filepath.Join(t.TempDir(), "ethers")
	if err := os.WriteFile(ethers, []byte("02:00:00:00:00:01 tablet\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	named := "[agent]\nvolatile_dir = \"" + filepath.Dir(ethers) + "\"\n[usage]\ndirectory = \"none\"\nnames = [\"" + ethers + "\"]\n[[action]]\nname = \"r\"\nhalt = true\n"
	const rule = "[[action]]\nname = \"r\"\ncriteria = \"proto == 'HTTP'\"\n"
	for _, c := range []struct {
		config string
		code   int
		says   string
	}{
		{"", 0, ""},
		{"[[interface]]\nname = \"nosuchif0\"\n", 0, "netifyd.toml:2: interface nosuchif0 is not there: the agent waits for it"},
		{"[[interface]]\nname = \"x\"\nfile = \"/nonexistent/x.pcap\"\n", 1, "netifyd.toml:3: interface x: stat /nonexistent/x.pcap"},
		{"[[listen]]\naddress = \"192.0.2.222\"\nport = 7150\n", 1, "no interface of this machine has that address"},
		{"[[listen]]\naddress = \"no-such-name.example\"\nport = 7150\n", 1, "write the address"},
		{"[[listen]]\npath = \"" + file + "/s.sock\"\n", 1, "its directory cannot be made"},
		{"[[listen]]\npath = \"" + file + "\"\n", 1, "a file that is no socket is there"},
		{"[[listen]]\npath = \"" + file + ".sock\"\ngroup = \"no-such-group\"\n", 1, `there is no group "no-such-group"`},
		{"[[listen]]\npath = \"/tmp/netifyd-check.sock\"\n[[listen]]\npath = \"run/s.sock\"\n", 0, "netifyd.toml:4: listen.path: run/s.sock is sought where the agent is started"},
		{"[usage]\ndirectory = \"history\"\n", 0, "netifyd.toml:2: usage.directory: history is sought where the agent is started"},
		{"[agent]\nvolatile_dir = \"" + file + "\"\n", 0, "netifyd.toml:2: agent.volatile_dir: a file is where the directory " + file + " should be"},
		{"[agent]\nvolatile_dir = \"" + file + "/run\"\n", 0, "netifyd.toml:2: agent.volatile_dir: a file is where the directory " + file + "/run should be"},
		{"[agent]\nvolatile_dir = \"/tmp/" + strings.Repeat("long", 25) + "\"\n", 0, "a socket's path has at most 103 bytes"},
		{"[agent]\nvolatile_dir = \"" + file + "\"\n[control]\nenabled = false\n", 0, "netifyd.toml:2: agent.volatile_dir: a file is where"},
		{"[agent]\nuser = \"no-such-user\"\n", 1, `netifyd.toml:2: agent.user: there is no user "no-such-user"`},
		{"[agent]\ngroup = \"no-such-group\"\n", 1, `netifyd.toml:2: agent.group: there is no group "no-such-group"`},
		{"[applications]\ndir = \"/nonexistent/apps\"\n", 0, "netifyd.toml:2: applications.dir: there is no directory /nonexistent/apps"},
		{"[applications]\ndir = \"" + file + "\"\n", 1, "netifyd: " + file + ": no directory that can be read: not a directory"},
		{"\x01", 1, "netifyd.toml:1: TOML files cannot contain"},
		{"[actions]\ntimezone = \"Mars/Phobos\"\n", 1, "netifyd.toml:2: actions.timezone: the time zone"},
		{rule + "targets = []\n", 1, `netifyd.toml:1: rule r has no targets, so it does nothing: write targets = ["NAME"]`},
		{rule + "halt = true\n", 0, ""},
		{rule + "targets = [\"t\"]\n[[target]]\nname = \"t\"\ntype = \"nftset\"\ntable = \"fw4\"\n", 1, `netifyd.toml:5: target t: no set is named: give it set = "NAME"`},
		{rule + "targets = [\"t\"]\n[[target]]\nname = \"t\"\ntype = \"nftset\"\nset = \"s\"\n", 0, `netifyd.toml:5: target t: no table is named, so its sets are in the table nfa`},
		{rule + "targets = [\"t\"]\n[[target]]\nname = \"t\"\ntype = \"ipset\"\nset = \"s\"\nelements = [\"hash:x\"]\n", 1, `netifyd.toml:9: target t: elements: there is no type "hash:x"`},
		{rule + "targets = [\"t\"]\n[[target]]\nname = \"t\"\ntype = \"ctmark\"\n", 1, "netifyd.toml:5: target t: mark 0x0 shifted by 0 is none of 32 bits: give another mark"},
		{rule + "targets = [\"t\"]\n[[target]]\nname = \"t\"\ntype = \"ctlabel\"\n", 1, "netifyd.toml:5: target t: no label is named"},
		{"[[listen]]\naddress = \"192.0.2.222\"\n", 1, "netifyd.toml:1: listen on tcp 192.0.2.222"},
		{"[[interface]]\nname = \"lo\"\n\n[[interface]]\nname = \"x\"\nfilter = \"prot 22\"\n", 1, `netifyd.toml:6: interface x: the filter "prot 22": `},
		{named + "criteria = \"device == 'Tablet'\"\n", 0, ""},
		{named + "criteria = \"device == 'tablte'\"\n", 0, `netifyd.toml:9: no device is called "tablte" so far: did you mean "tablet"?`},
		{"[log]\nlevel = warn\n", 1, `put it in quotes, as in level = "warn"`},
	} {
		conf := filepath.Join(t.TempDir(), "netifyd.toml")
		if err := os.WriteFile(conf, []byte(c.config), 0o644); err != nil {
			t.Fatal(err)
		}
		out, said, code := run1(t, "check-config", conf)
		if code != c.code || !strings.Contains(said, c.says) || c.says == "" && said != "" || (code == 0) != strings.Contains(out, ": good") {
			t.Errorf("%q: exit %d, %q, %q", c.config, code, out, said)
		}
	}
}

// What is no name of a host says so, and what would be one.
func TestLookup(t *testing.T) {
	for what, want := range map[string]string{
		"www.netflix.com": "", "WWW.Netflix.COM.": "", "192.0.2.1": "", "2001:db8::1": "", "localhost": "", "_dns.example.com": "",
		"https://user@www.netflix.com:443/title/1?x": `is a URL: netifyd lookup www.netflix.com`,
		"https://[2001:db8::1]:443/":                 `is a URL: netifyd lookup 2001:db8::1`,
		"www.netflix.com/title":                      `is more than a host name: netifyd lookup www.netflix.com`,
		"192.0.2.0/24":                               `is a network: netifyd lookup 192.0.2.0`,
		"www.netflix.com:443":                        `has a port: netifyd lookup www.netflix.com`,
		"1.2.3.999":                                  "is no address",
		"1.2.3":                                      "is no address",
		"2001:db8::zz":                               "is no address",
		"a..b":                                       "is no host name",
		"two words":                                  "is no host name",
		"bücher.example":                             "is no host name",
		"":                                           "is no",
	} {
		out, said, code := run1(t, "-c", os.DevNull, "lookup", what)
		if (want == "") != (code == 0) || !strings.Contains(said, want) || code != 0 && out != "" {
			t.Errorf("%q: exit %d, %q, %q", what, code, out, said)
		}
	}
}

// The identifier is made by who first asks for it, and stays.
func TestIdentifier(t *testing.T) {
	conf := ownPlaces(t, "")
	first, said, code := run1(t, "-c", conf, "-u")
	if code != 0 || len(strings.TrimSpace(first)) != 11 {
		t.Fatalf("exit %d, %q, %q", code, first, said)
	}
	if again, _, _ := run1(t, "-c", conf, "-u"); again != first {
		t.Errorf("%q, then %q", first, again)
	}
	if other, _, _ := run1(t, "-c", conf, "-U"); other == first {
		t.Errorf("%q twice", other)
	}
}

func TestHelpOfACommand(t *testing.T) {
	for _, args := range [][]string{{"replay", "--help"}, {"replay", "-h"}, {"help", "replay"}, {"--help", "replay"}, {"flows", "--help"}, {"flows", "-h"}, {"help", "flows"}} {
		want := "replay FILE..."
		if slices.Contains(args, "flows") {
			want = "    netifyd flows [FILTER...]\n\n"
		}
		if out, said, code := run1(t, args...); code != 0 || !strings.Contains(out, want) || said != "" {
			t.Errorf("%v: exit %d, %q, %q", args, code, out, said)
		}
	}
}

// The plan counts the interfaces that a start would find, and the program.
func TestPlan(t *testing.T) {
	out, said, code := run1(t, "-c", ownPlaces(t, "[[interface]]\nname = \"a0\"\n[[interface]]\nname = \"b0\"\n"), "plan")
	if code != 0 || !strings.Contains(out, "\ncapture rings                           2 ") || !strings.Contains(out, "\nprogram itself, about ") {
		t.Errorf("exit %d, %q\n%s", code, said, out)
	}
}
