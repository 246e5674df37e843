package main

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// What staff see of the box on its own page.

// maxSticks bounds how many bundles are looked for on USB sticks.
const maxSticks = 20

// bundles lists the bundles on USB sticks, up to two folders deep, the newest
// file first. Only plain files count: a stick may hold a link to anywhere, or a
// pipe that would keep whoever opens it waiting for ever.
func (c *kioskCommand) bundles() []string {
	var found []string
	for _, root := range c.USB {
		for _, pattern := range []string{"*.yzb", "*/*.yzb", "*/*/*.yzb"} {
			names, err := filepath.Glob(filepath.Join(root, pattern))
			if err == nil {
				found = append(found, names...)
			}
		}
	}
	found = slices.DeleteFunc(found, func(file string) bool {
		info, err := os.Lstat(file)
		return err != nil || !info.Mode().IsRegular()
	})
	slices.SortFunc(found, func(a, b string) int { return changed(b).Compare(changed(a)) })
	return found[:min(len(found), maxSticks)]
}

func changed(file string) time.Time {
	info, err := os.Stat(file)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// addresses lists under which IPv4 addresses the box is in the network.
func addresses() []string {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var found []string
	for _, address := range all {
		if ip, ok := address.(*net.IPNet); ok && ip.IP.To4() != nil && !ip.IP.IsLoopback() {
			found = append(found, ip.IP.String())
		}
	}
	return found
}

// freeBytes is what is left on the medium under dir.
func freeBytes(dir string) (int64, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return 0, err
	}
	return int64(fs.Bavail) * int64(fs.Bsize), nil
}
