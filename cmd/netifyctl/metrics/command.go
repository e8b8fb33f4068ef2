package metrics

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"netifyd/core/query/client"
)

const help = `netifyctl metrics [options]: the agent's counters in the text format of Prometheus, once. "netifyctl web" serves the same at /metrics.

  --control SOCKET   the agent's control socket (/var/run/netifyd/control.sock)
  --output FILE      write there instead, whole or not at all: for the textfile directory of node_exporter
`

// Run is the command.
func Run(arguments []string) int {
	f := flag.NewFlagSet("metrics", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	control := f.String("control", "/var/run/netifyd/control.sock", "")
	output := f.String("output", "", "")
	err := f.Parse(arguments)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Print(help)
		return 0
	case err == nil && f.NArg() > 0:
		err = fmt.Errorf("%q is not understood", f.Arg(0))
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "netifyctl metrics: %v; `netifyctl metrics --help` lists the options\n", err)
		return 2
	}
	if err := once(*control, *output, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "netifyctl metrics:", err)
		return 1
	}
	return 0
}

// agent is one connection as an Asker.
type agent struct{ *client.Client }

func (a agent) Ask(_ context.Context, method string, arguments map[string]any, reply any) error {
	return a.Client.Ask(method, arguments, reply)
}

// once writes all metrics to a file, or to out.
func once(control, output string, out io.Writer) error {
	c, err := client.Dial(control)
	if err != nil {
		return err
	}
	defer c.Close()
	registry := Registry(agent{c})
	if output != "" {
		return prometheus.WriteToTextfile(output, registry)
	}
	families, err := registry.Gather()
	if err != nil {
		return err
	}
	for _, x := range families {
		if _, err := expfmt.MetricFamilyToText(out, x); err != nil {
			return err
		}
	}
	return nil
}
