package main

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// sticks lists the folders of sticks that can be written to: what is mounted below
// the folders in which sticks appear. A folder that only looks like one is none; a
// file in it would stay on the box.
func (c *kioskCommand) sticks() []string {
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return nil
	}
	return mountedBelow(string(mounts), c.USB)
}

// mountedBelow reads a table of mounts as Linux writes it.
func mountedBelow(mounts string, roots []string) (found []string) {
	for line := range strings.Lines(mounts) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !slices.Contains(strings.Split(fields[3], ","), "rw") {
			continue
		}
		place := mountText.Replace(fields[1])
		if slices.ContainsFunc(roots, func(root string) bool { return place == root || strings.HasPrefix(place, root+"/") }) {
			found = append(found, place)
		}
	}
	return found[:min(len(found), maxSticks)]
}

// mountText undoes how a table of mounts writes what would break its lines.
var mountText = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)

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
