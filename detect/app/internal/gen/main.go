// Gen compiles the files of the built-in catalogue: gen DIRECTORY OUTPUT, and
// writes classic.bin beside OUTPUT. It writes nothing where one of them is wrong.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"netifyd/detect/app/internal/source"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "gen DIRECTORY OUTPUT")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir, output string) error {
	files, known, err := source.ReadDir(dir)
	if err != nil {
		return err
	}
	data, sum, err := source.Compile(files, known)
	if err != nil {
		return err
	}
	if err := os.WriteFile(output, []byte(data), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(output), "classic.bin"), known.Classic(), 0o644); err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.New("no files in " + dir)
	}
	fmt.Printf("%s: %d applications, %d domains, %d host rules, %d networks, %d protocols: %d bytes\n",
		filepath.Base(output), sum.Apps, sum.Domains, sum.Hosts, sum.Networks, sum.Twins, len(data))
	return nil
}
