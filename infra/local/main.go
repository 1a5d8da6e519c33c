// The whole of Parley in one process, without a cloud account: make run.
package main

import (
	"fmt"
	"os"

	"parley/infra/local/run"
)

func main() {
	if err := run.Command(os.Getenv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "parley:", err)
		os.Exit(1)
	}
}
