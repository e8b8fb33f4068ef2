// Benchcap writes large captures for benchmarks out of the small ones of
// testdata, always the same bytes, and measures what programs spend on reading
// a capture. It is no part of the agent.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

const usage = `usage: benchcap write LIBRARY OUTDIR [PART]   write mix.pcap, elephant.pcap, manyflows.pcap, a PART-th of their size
       benchcap measure AGENT ROUNDS FILE...  compare AGENT replay -q with tcpdump -w /dev/null and ndpiReader`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 3 && args[0] == "write":
		return write(args[1], args[2], 1)
	case len(args) == 4 && args[0] == "write":
		part, err := strconv.Atoi(args[3])
		if err != nil || part < 1 || part > mixCopies {
			return fmt.Errorf("%q: want a number from 1 to %d", args[3], mixCopies)
		}
		return write(args[1], args[2], part)
	case len(args) >= 4 && args[0] == "measure":
		rounds, err := strconv.Atoi(args[2])
		if err != nil || rounds < 1 {
			return fmt.Errorf("%q: want a number of rounds", args[2])
		}
		return measure(args[1], rounds, args[3:])
	}
	return fmt.Errorf("%s", usage)
}

func write(library, dir string, part int) error {
	captures, err := readLibrary(library)
	if err != nil {
		return err
	}
	for _, c := range []struct {
		name string
		make func(w *writer, library []capture, part int)
	}{{"mix", mix}, {"elephant", elephant}, {"manyflows", manyFlows}} {
		w, err := create(filepath.Join(dir, c.name+".pcap"))
		if err != nil {
			return err
		}
		c.make(w, captures, part)
		if err := w.close(); err != nil {
			return err
		}
		fmt.Printf("%s: %d packets\n", w.file.Name(), w.packets)
	}
	return nil
}
