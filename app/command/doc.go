// Package command is the command line of both programs: `fieldkit live` is
// `fieldkitd live`. A command asks the running station over its local API, and
// opens the store itself only when none runs. It holds no rule of its own.
//
// Exit codes: 0 done, 1 failed, 2 the command was not understood, 3 the store is
// locked or the passphrase was wrong, 4 nothing found.
package command
