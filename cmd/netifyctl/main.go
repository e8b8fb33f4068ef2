// Netifyctl is the companion of the agent: it reads the agent's sockets as any
// client does, and shows or forwards what they say: console, web page, metrics,
// relay. It needs no privileges, and the agent runs without it.
package main

import (
	"fmt"
	"os"

	"netifyd/cmd/netifyctl/console"
	"netifyd/cmd/netifyctl/metrics"
	"netifyd/cmd/netifyctl/relay"
	"netifyd/cmd/netifyctl/web"
	"netifyd/core/version"
)

// command is one word after netifyctl. Run gets the arguments behind it and
// gives the exit code: 0 done, 1 failed, 2 called wrongly.
type command struct {
	name, help string
	run        func(arguments []string) int
}

var commands = []command{
	{"relay", relay.Help, relay.Run},
	{"web", "serve a web page, answers as JSON, events, and metrics for Prometheus", web.Run},
	{"metrics", "print the counters for Prometheus once", metrics.Run},
	{"top", "show who uses what, live, for an agent on this or another machine", console.Run},
	{"version", "print the version", func([]string) int { fmt.Println("netifyctl " + version.Number); return 0 }},
}

func main() { os.Exit(run(os.Args[1:])) }

func run(arguments []string) int {
	if len(arguments) == 0 {
		usage(os.Stderr)
		return 2
	}
	switch name := arguments[0]; name {
	case "help", "-h", "--help":
		if len(arguments) > 1 && name == "help" {
			return run([]string{arguments[1], "--help"})
		}
		usage(os.Stdout)
		return 0
	case "-V", "--version":
		return run([]string{"version"})
	default:
		for _, c := range commands {
			if c.name == name {
				return c.run(arguments[1:])
			}
		}
		fmt.Fprintf(os.Stderr, "netifyctl: %q is no command; `netifyctl help` lists them\n", name)
		return 2
	}
}

func usage(w *os.File) {
	fmt.Fprintln(w, "netifyctl COMMAND [options]: shows and forwards what the agent sees. `netifyctl COMMAND --help` says more.")
	fmt.Fprintln(w)
	for _, c := range commands {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.help)
	}
}
