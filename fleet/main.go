package main

import (
	"context"
	"fmt"
	"os"

	"netifyd/fleet/schema"
	"netifyd/fleet/store"
)

func main() {
	a, err := schema.Migrate(context.Background(), &store.Store{URL: os.Args[1], Database: "netifyd"})
	fmt.Println(a, err)
}
