//go:build !linux

package main

func setCongestion(uintptr, string) error { return errCongestion }
