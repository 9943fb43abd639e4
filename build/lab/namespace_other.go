//go:build !linux

package lab

import (
	"errors"
	"io"
	"net/netip"
	"os/exec"
)

type namespace struct{}

var errLinux = errors.New("needs root on Linux: other systems have no network namespaces")

func may() error                                                      { return errLinux }
func newNamespace(netip.Addr) (*namespace, io.ReadWriteCloser, error) { return nil, nil, errLinux }
func (*namespace) do(func() error) error                              { return errLinux }
func (*namespace) close()                                             {}
func addAddress(netip.Addr) error                                     { return errLinux }
func removeAddress(netip.Addr) error                                  { return errLinux }
func owned(*exec.Cmd)                                                 {}
func interrupt(cmd *exec.Cmd)                                         { _ = cmd.Process.Kill() }
func killGroup(cmd *exec.Cmd)                                         { _ = cmd.Process.Kill() }
