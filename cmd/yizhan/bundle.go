package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"yizhan/assets"
	"yizhan/civic"
	"yizhan/civic/issuer"
)

type bundleCommand struct {
	Make bundleMake `cmd:"" help:"Make the next bundle of a kiosk from spreadsheets."`
	Show bundleShow `cmd:"" help:"Check a bundle and tell what is in it."`
}

// bundleMake reads lists and writes a bundle.
type bundleMake struct {
	Issuer   string   `required:"" env:"-" type:"path" help:"Folder of the issuer: its key and what was issued. Made when it is not there; keep a backup."`
	Kiosk    string   `required:"" help:"Name of the kiosk: 1 to 16 of A-Z 0-9 -."`
	Epoch    uint32   `help:"Epoch of the kiosk's book, when the box was set up afresh. Default: as before, or 1."`
	Station  string   `required:"" type:"existingfile" help:"TOML file: name, name_en, parent, parent_en, counter, counter_en, phone, [policy]."`
	Roster   string   `type:"existingfile" help:"Volunteers: 姓名, 志愿者编号 or 证件号码, 手机, 时长, 积分 (total granted), 有效期. xlsx or CSV."`
	Goods    string   `type:"existingfile" help:"Goods: 物品名称, 编码, 规格, 单位, 所需积分, 库存 (total delivered), 图片 ... xlsx or CSV."`
	Staff    string   `type:"existingfile" help:"Staff: 姓名, 编号, 岗位. xlsx or CSV."`
	Pictures string   `type:"existingdir" help:"Folder of pictures of goods, named by code or name: PNG, JPEG or WebP up to 256 KiB."`
	Out      string   `type:"path" help:"Where the bundle goes, such as SQ-01.yzb."`
	Cards    string   `type:"path" help:"Where a printable sheet of the new cards goes (HTML). Without it nobody gets a card."`
	NewCard  []string `placeholder:"NUMBER" help:"Number of a person whose card was lost: the old one ends, a new one is printed."`
	Rejected string   `type:"path" help:"Where the rows that were left out go, with a 原因 column (xlsx or CSV)."`
	DryRun   bool     `help:"Only tell what would happen."`
	JSON     bool     `help:"Tell it as JSON."`
	Lang     string   `default:"" enum:"zh-CN,en," help:"Language of the preview: zh-CN or en. Default: that of LANG."`
}

// Help is printed below the flags.
func (*bundleMake) Help() string {
	return `The lists are compared with the bundle made before. 积分 and 库存 are totals so far, so that
giving in the same list twice changes nothing.

Exit codes: 0 every row was taken; 3 the bundle was made, but some rows were left out;
4 a list was refused or no row of it could be taken, nothing was written; 2 the command line
is wrong; 1 anything else.`
}

// makeMemoryBytes is what making a bundle should stay below, so that it runs on
// an office's old machine beside everything else: the collector works harder
// before the heap grows further.
const makeMemoryBytes = 160 << 20

// Run makes the bundle and tells what became of the lists.
func (c *bundleMake) Run(ctx context.Context, w *world) error {
	if err := c.check(); err != nil {
		return exitError{exitUsage, err}
	}
	station, err := issuer.ReadStation(c.Station)
	if err != nil {
		return err
	}
	debug.SetMemoryLimit(makeMemoryBytes)
	office, err := issuer.Open(c.Issuer, w.random)
	if err != nil {
		return err
	}
	defer office.Close()
	result, err := office.Make(ctx, issuer.Options{
		Kiosk: c.Kiosk, Epoch: c.Epoch, Station: station, Roster: c.Roster, Goods: c.Goods, Staff: c.Staff, Pictures: c.Pictures,
		Out: c.Out, Cards: c.Cards, Rejected: c.Rejected, NewCards: c.NewCard, BuiltIn: builtInPicture,
		Now: w.now(), Random: w.random, DryRun: c.DryRun,
	})
	if err != nil && !errors.Is(err, issuer.ErrNothingTaken) {
		return err
	}
	if printErr := c.print(w, office, result, err == nil); printErr != nil {
		return printErr
	}
	if err != nil {
		return exitError{exitNothing, err}
	}
	rows := 0
	for _, file := range result.Files {
		rows += len(file.Rejected)
	}
	return leftOut(rows)
}

// check finds what the parser cannot see.
func (c *bundleMake) check() error {
	switch {
	case c.Roster == "" && c.Goods == "" && c.Staff == "" && len(c.NewCard) == 0:
		return errors.New("there is nothing to do: give --roster, --goods, --staff or --new-card")
	case c.Out == "" && !c.DryRun:
		return errors.New("give --out FILE, or --dry-run to look only")
	}
	return apart([]string{c.Station, c.Roster, c.Goods, c.Staff}, []string{c.Out, c.Cards, c.Rejected})
}

// apart holds that nothing which is written is given twice. One workbook may hold
// several lists.
func apart(read, written []string) error {
	for _, path := range written {
		if path != "" && slices.ContainsFunc(read, func(other string) bool { return filepath.Clean(other) == filepath.Clean(path) }) {
			return fmt.Errorf("%s is given twice: it would be overwritten", path)
		}
		read = append(read, path)
	}
	return nil
}

// builtInPicture tells the pictures that every kiosk brings along.
func builtInPicture(name string) bool {
	f, err := assets.Files().Open("goods/" + name + ".svg")
	if err != nil {
		return false
	}
	f.Close()
	return true
}

// leftOut ends with exitPartly when rows were left out.
func leftOut(rows int) error {
	if rows == 0 {
		return nil
	}
	return exitError{exitPartly, fmt.Errorf("%d rows were left out (%d 行没有导入)", rows, rows)}
}

func (c *bundleMake) print(w *world, office *issuer.Issuer, result issuer.Result, taken bool) error {
	if c.JSON {
		return printJSON(w, result.Files)
	}
	p := preview{texts: textsFor(c.Lang, w.env), rejected: c.Rejected, make: c, taken: taken, key: base64.StdEncoding.EncodeToString(office.PublicKey())}
	_, err := w.stdout.Write([]byte(p.text(result)))
	return err
}

// printJSON prints one list as an object, several as an array.
func printJSON(w *world, files []*issuer.File) error {
	out := json.NewEncoder(w.stdout)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	if len(files) == 1 {
		return out.Encode(files[0])
	}
	return out.Encode(files)
}

// bundleShow checks a bundle.
type bundleShow struct {
	File   string    `arg:"" type:"existingfile" help:"The bundle."`
	Issuer publicKey `help:"Public key that it must be signed with, as 'yizhan bundle make' prints it."`
	JSON   bool      `help:"Print the header as JSON."`
}

// Help is printed below the flags.
func (*bundleShow) Help() string {
	return `Every byte and every document is checked. Exit codes: 0 sound, 1 not.`
}

// Run checks the whole file before it prints anything of it.
func (c *bundleShow) Run(w *world) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	bundle, err := civic.OpenBundle(f, info.Size(), civic.Trust{Issuer: []byte(c.Issuer)})
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	station := ""
	for doc, err := range bundle.Documents() {
		if err != nil {
			return fmt.Errorf("%s: %w", c.File, err)
		}
		if doc.Station != nil {
			station = doc.Station.Name
		}
	}
	h := bundle.Header
	if c.JSON {
		out := json.NewEncoder(w.stdout)
		out.SetIndent("", "  ")
		return out.Encode(h)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "sound 完好: bundle %d of kiosk %s, epoch %d (%s)\n", h.Serial, h.Kiosk, h.Epoch, station)
	fmt.Fprintf(&b, "made      %s\n", h.Made.Format("2006-01-02 15:04 MST"))
	fmt.Fprintf(&b, "issuer    %s\n", base64.StdEncoding.EncodeToString(h.Issuer))
	fmt.Fprintf(&b, "holds     %d volunteers, %d goods, %d pictures, %d staff\n", h.Counts.Volunteers, h.Counts.Goods, h.Counts.Pictures, h.Counts.Staff)
	fmt.Fprintf(&b, "sha-256   %v\n", h.BodySHA256)
	_, err = w.stdout.Write([]byte(b.String()))
	return err
}
