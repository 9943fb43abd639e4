// Package board is the page of the emergency room: plain ES modules, no bundler,
// embedded. It draws what telemetry/gateway sends and decides nothing; the
// gateway is handed it as a file system.
package board

import (
	"embed"
	"io/fs"
)

//go:embed page
var files embed.FS

// Page is the page's files, index.html at the top.
func Page() fs.FS {
	page, err := fs.Sub(files, "page")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return page
}
