package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// program reads a capture; args has FILE in the place of its path.
type program struct {
	name string
	args string
}

// spent is the processor time (user and system) of one run, and its peak of resident memory in KiB.
type spent struct {
	cpu time.Duration
	rss int64
}

// measure runs the programs in turn on each file, so that what else the
// machine does meets all of them, and prints medians. The ratio is the median of the rounds' ratios.
func measure(agent string, rounds int, files []string) error {
	programs := []program{
		{"tcpdump -w /dev/null", "tcpdump -r FILE -w /dev/null"},
		{"netifyd replay -q", agent + " replay -q FILE"},
	}
	if _, err := exec.LookPath("ndpiReader"); err == nil {
		programs = append(programs, program{"ndpiReader -q", "ndpiReader -q -i FILE"})
	}
	fmt.Printf("%-12s %-22s %10s %10s %10s   %d rounds, medians\n", "capture", "program", "CPU ms", ": tcpdump", "peak KiB", rounds)
	for _, file := range files {
		runs := make([][]spent, len(programs))
		for round := range rounds + 1 {
			for i, p := range programs {
				s, err := once(p.args, file)
				if err != nil {
					return fmt.Errorf("%s: %w", p.name, err)
				}
				if round > 0 { // the first brings the file into memory
					runs[i] = append(runs[i], s)
				}
			}
		}
		for i, p := range programs {
			cpu := median(runs[i], func(n int) float64 { return float64(runs[i][n].cpu) / 1e6 })
			ratio := median(runs[i], func(n int) float64 { return float64(runs[i][n].cpu) / float64(runs[0][n].cpu) })
			rss := median(runs[i], func(n int) float64 { return float64(runs[i][n].rss) })
			fmt.Printf("%-12s %-22s %10.0f %10.2f %10.0f\n", strings.TrimSuffix(filepath.Base(file), ".pcap"), p.name, cpu, ratio, rss)
		}
	}
	return nil
}

func once(args, file string) (spent, error) {
	words := strings.Fields(args)
	for i := range words {
		if words[i] == "FILE" {
			words[i] = file
		}
	}
	c := exec.Command(words[0], words[1:]...)
	if err := c.Run(); err != nil {
		return spent{}, err
	}
	u := c.ProcessState.SysUsage().(*syscall.Rusage)
	return spent{c.ProcessState.UserTime() + c.ProcessState.SystemTime(), u.Maxrss}, nil
}

func median(runs []spent, of func(n int) float64) float64 {
	v := make([]float64, len(runs))
	for n := range runs {
		v[n] = of(n)
	}
	slices.Sort(v)
	return (v[len(v)/2] + v[(len(v)-1)/2]) / 2
}
