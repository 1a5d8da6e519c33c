package main

import (
	"path/filepath"

	"parley/infra/local/run"
	tablelocal "parley/shared/table/local"
)

// openTables opens the tables of a data directory by the folder they are in, as the program does. The bench runs in the repository's root.
func openTables(dir string) (*tablelocal.Store, error) { return run.OpenTables(".", filepath.Dir(dir)) }
