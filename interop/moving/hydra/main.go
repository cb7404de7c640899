// The server that clients are moved from, as its module has it.
package main

import "github.com/ory/hydra/v2/cmd"

func main() { cmd.Execute() }
