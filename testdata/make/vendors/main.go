// Vendors makes the table of makers that netifyd reads (core/device/vendor.go)
// of the list that the IEEE publishes, oui.csv of registry MA-L:
//
//	go run ./testdata/make/vendors oui.csv >vendors
package main

import (
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"netifyd/core/device"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "vendors:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("want the path of oui.csv")
	}
	f, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	list, err := read(f)
	if err != nil {
		return err
	}
	b, err := device.AppendVendors(nil, list)
	if err == nil {
		_, err = out.Write(b)
	}
	return err
}

// read reads lines "MA-L,001122,Name,Address"; of other registries none.
func read(r io.Reader) (list []device.Vendor, err error) {
	lines := csv.NewReader(r)
	lines.FieldsPerRecord = -1
	for {
		line, err := lines.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if len(line) < 3 || line[0] != "MA-L" {
			continue
		}
		prefix, err := hex.DecodeString(line[1])
		if err != nil || len(prefix) != 3 {
			return nil, fmt.Errorf("%q is no assignment of 24 bits", line[1])
		}
		list = append(list, device.Vendor{Prefix: [3]byte(prefix), Name: strings.TrimSpace(line[2])})
	}
	if len(list) == 0 {
		return nil, errors.New("there is no line of registry MA-L in it")
	}
	return list, nil
}
