package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// hertz is USER_HZ, which is 100 on every Linux that Go runs on (proc(5)).
const hertz = 100

// drawing is the process that draws: fieldkit is a parent that keeps its window alive.
func drawing(parent int) (int, error) {
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
	if err != nil {
		return 0, err
	}
	for _, list := range lists {
		if b, err := os.ReadFile(list); err == nil && len(strings.Fields(string(b))) > 0 {
			return strconv.Atoi(strings.Fields(string(b))[0])
		}
	}
	return 0, fmt.Errorf("find the window's process: %d started none", parent)
}

// spent is the processor time that processes have used.
func spent(pids ...int) (all time.Duration, err error) {
	for _, pid := range pids {
		_, used, err := stat(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return 0, err
		}
		all += used
	}
	return all, nil
}

// painters is what the threads of the software renderer have used, which stands in
// for a graphics processor: Mesa names them so. Threads come and go, those stay.
func painters(pid int) (all time.Duration, err error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil {
		return 0, err
	}
	for _, t := range threads {
		name, used, err := stat(t)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		if strings.HasPrefix(name, "llvmpipe") {
			all += used
		}
	}
	return all, nil
}

// stat is the name and the processor time of a process or thread.
func stat(path string) (name string, used time.Duration, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", 0, fmt.Errorf("read what a process has used: %w", err)
	}
	// The name, in brackets, may hold anything; 14 and 15 of proc(5) are user and system.
	first, last := strings.IndexByte(string(b), '('), strings.LastIndexByte(string(b), ')')
	for _, f := range strings.Fields(string(b[last+1:]))[11:13] {
		n, err := strconv.Atoi(f)
		if err != nil {
			return "", 0, fmt.Errorf("read what a process has used: %w", err)
		}
		used += time.Duration(n) * time.Second / hertz
	}
	return string(b[first+1 : last]), used, nil
}

// resident is a process's memory in MiB.
func resident(pid int) (float64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("read a process's memory: %w", err)
	}
	for line := range strings.Lines(string(b)) {
		if kib, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, err := strconv.ParseFloat(strings.Fields(kib)[0], 64)
			return n / 1024, err
		}
	}
	return 0, fmt.Errorf("read a process's memory: %d has none", pid)
}

// slope is the least-squares line through evenly spaced values, in units a step.
func slope(values []float64) float64 {
	n := float64(len(values))
	if n < 2 {
		return 0
	}
	var sx, sy, sxx, sxy float64
	for i, y := range values {
		x := float64(i)
		sx, sy, sxx, sxy = sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}
