package kit

import (
	"context"
	"fmt"
	"os"

	"fieldkit/devices/serialport"
)

// checkPorts looks whether this user may open the serial ports there are.
func checkPorts(ctx context.Context) Check {
	c := Check{What: "serial ports", Well: true}
	ports, err := serialport.Ports{}.List(ctx)
	if err != nil {
		return Check{What: c.What, Says: err.Error(), Do: "Restart the computer."}
	}
	c.Says = fmt.Sprintf("%d found", len(ports))
	for _, p := range ports {
		f, err := os.OpenFile(p.Name, os.O_RDWR, 0)
		if os.IsPermission(err) {
			return Check{What: c.What, Says: "this user may not open " + p.Name, Do: "Add the user to the group that owns it (usually dialout), then sign in again."}
		}
		if err == nil {
			f.Close()
		}
	}
	return c
}
