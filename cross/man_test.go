package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestManual(t *testing.T) {
	toml, err := os.ReadFile("../init.d/netifyd.toml")
	if err != nil {
		t.Fatal(err)
	}
	page := manual(string(toml))
	keys := 0
	for _, line := range strings.Split(string(toml), "\n") {
		if isKey(line) {
			key, _, _ := strings.Cut(strings.TrimLeft(line, "# "), " = ")
			keys++
			if !strings.Contains(page, ".It Ic "+key+" No = ") {
				t.Errorf("the manual lacks %s", key)
			}
		}
	}
	if keys < 30 || strings.Count(page, ".It Ic ") != keys {
		t.Errorf("%d keys in the configuration, %d in the manual", keys, strings.Count(page, ".It Ic "))
	}
	if strings.Count(page, ".Bl") != strings.Count(page, ".El") {
		t.Error("a list is not closed")
	}
	lint(t, page)
}

// lint asks mandoc, where it is.
func lint(t *testing.T, page string) {
	t.Helper()
	if _, err := exec.LookPath("mandoc"); err != nil {
		t.Log("mandoc is not here: syntax not checked")
		return
	}
	c := exec.Command("mandoc", "-T", "lint", "-W", "error")
	c.Stdin = strings.NewReader(page)
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("mandoc: %s", out)
	}
}

// Every flag and command of the program's own summary is in its manual.
func TestManualHasAllFlags(t *testing.T) {
	text, err := os.ReadFile("../docs/man/netifyd.8")
	if err != nil {
		t.Fatal(err)
	}
	lint(t, string(text))
	c := exec.Command("go", "run", "./cmd/netifyd", "help")
	c.Dir = ".."
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(out), "Commands:\n")
	checked := 0
	for _, line := range strings.Split(body, "\n") {
		if !strings.HasPrefix(line, "  ") || strings.HasPrefix(line, strings.Repeat(" ", 10)) { // what a long command does has a line of its own
			continue
		}
		word := strings.Fields(line)[0]
		if at := strings.Index(line, "--"); at >= 0 && at < 10 {
			word = "-" + strings.Fields(line[at+2:])[0]
		}
		checked++
		if !strings.Contains(string(text), word) {
			t.Errorf("the manual lacks %q", word)
		}
	}
	if checked < 20 {
		t.Errorf("only %d flags and commands in the summary", checked)
	}
}

// The manual of the events has every field that the page in docs has.
func TestManualOfEvents(t *testing.T) {
	text, err := os.ReadFile("../docs/events.md")
	if err != nil {
		t.Fatal(err)
	}
	manual := page("netifyd-events", "7", "events of netifyd", string(text))
	for _, want := range []string{".Dt NETIFYD-EVENTS 7\n", ".It \"digest\"\n", ".It \"host_server_name\"\n", ".Sh DIALECTS\n", ".Bd -literal"} {
		if !strings.Contains(manual, want) {
			t.Errorf("no %q", want)
		}
	}
	for _, bad := range []string{"`", "](", "\n|", "\n## "} {
		if strings.Contains(manual, bad) {
			t.Errorf("markdown is left: %q", bad)
		}
	}
	if strings.Count(manual, ".Bl") != strings.Count(manual, ".El") || strings.Count(manual, ".Bd") != strings.Count(manual, ".Ed") {
		t.Error("something is not closed")
	}
	lint(t, manual)
}
