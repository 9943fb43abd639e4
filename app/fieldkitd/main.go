// Command fieldkitd is the station without a window: recorder, live link,
// hospital gateway and the tools. It needs no cgo.
package main

import (
	"os"

	"fieldkit/app/command"
)

func main() { os.Exit(command.Main("fieldkitd", os.Args[1:])) }
