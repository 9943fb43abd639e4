package command

import "fieldkit/app/kit"

// Version is what this program is, for the window.
var Version = kit.Version
