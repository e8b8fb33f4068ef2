// Gen compiles the files of the built-in catalogue: gen DIRECTORY OUTPUT. It
// writes nothing where one of them is wrong.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"netifyd/detect/app/internal/source"
)

func main() {
	notes := flag.Bool("notes", false, "tell what is needless, too")
	flag.Parse()
	if flag.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "gen [-notes] DIRECTORY OUTPUT")
		os.Exit(2)
	}
	if err := run(flag.Arg(0), flag.Arg(1), *notes); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir, output string, tellNotes bool) error {
	files, known, err := source.ReadDir(dir)
	if err != nil {
		return err
	}
	data, sum, notes, err := source.Compile(files, known)
	if tellNotes && len(notes) > 0 {
		for _, n := range notes {
			fmt.Fprintln(os.Stderr, n)
		}
	}
	if err != nil {
		return err
	}
	if err := os.WriteFile(output, []byte(data), 0o644); err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.New("no files in " + dir)
	}
	fmt.Printf("%s: %d applications, %d domains, %d host rules, %d networks, %d protocols: %d bytes\n",
		filepath.Base(output), sum.Apps, sum.Domains, sum.Hosts, sum.Networks, sum.Twins, len(data))
	return nil
}
