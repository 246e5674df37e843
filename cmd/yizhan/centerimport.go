package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"yizhan/center"
	"yizhan/center/store"
	"yizhan/civic/issuer"
)

// centerImport takes in the lists that an office keeps.
type centerImport struct {
	Town     string `help:"Town in which the volunteers of the roster live, see 'center scope list'."`
	Home     string `help:"Kiosk that their points go to. Without it they stay at the center until somebody is topped up."`
	Roster   string `type:"existingfile" help:"Volunteers: 姓名, 志愿者编号 or 证件号码, 手机, 时长, 积分 (total granted), 有效期. xlsx or CSV."`
	Goods    string `type:"existingfile" help:"Goods: 物品名称, 编码, 规格, 单位, 所需积分, 库存 (total delivered), 图片 ... xlsx or CSV."`
	Staff    string `type:"existingfile" help:"Staff: 姓名, 编号, 岗位. xlsx or CSV."`
	Kiosk    string `xor:"place" help:"Kiosk that the goods and the staff belong to. Default: that of --home."`
	Scope    string `xor:"place" help:"Village or town that they belong to instead, and so every kiosk in it; pieces in stock are then entered at each kiosk."`
	Pictures string `type:"existingdir" help:"Folder of pictures of goods, named by code or name: PNG, JPEG or WebP up to 256 KiB."`
	Cards    string `type:"path" help:"Where a printable sheet of the new cards goes (HTML). Without it nobody gets a card."`
	Rejected string `type:"path" help:"Where the rows that were left out go, with a 原因 column (xlsx or CSV)."`
	DryRun   bool   `help:"Only tell what would happen."`
	JSON     bool   `help:"Tell it as JSON."`
	Lang     string `default:"" enum:"zh-CN,en," help:"Language of the preview: zh-CN or en. Default: that of LANG."`
}

// Help is printed below the flags.
func (*centerImport) Help() string {
	return `The lists are the ones of 'yizhan bundle make', and are read by the same rules: 积分 and 库存 are
totals so far, so the same list twice changes nothing, and what has grown is one more earning.
ID-card and phone numbers are kept sealed by the center's keys, and reach no kiosk. An import
that was broken off is done again with the same list.

Exit codes: 0 every row was taken; 3 some rows were left out; 4 a list was refused or no row of
it could be taken, nothing was written; 2 the command line is wrong; 1 anything else.`
}

// Run imports the lists and tells what became of them.
func (c *centerImport) Run(ctx context.Context, w *world, parent *centerCommand) error {
	if err := c.check(); err != nil {
		return exitError{exitUsage, err}
	}
	var out center.Imported
	failed := parent.office(ctx, w, func(office center.Office) (err error) {
		out, err = office.Import(ctx, center.Import{Town: c.Town, Home: c.Home, Scope: c.Kiosk + c.Scope, Roster: c.Roster, Goods: c.Goods,
			Staff: c.Staff, Pictures: c.Pictures, Cards: c.Cards, Rejected: c.Rejected, DryRun: c.DryRun, BuiltIn: builtInPicture})
		return err
	})
	if out.Files == nil {
		return failed
	}
	if err := c.print(w, out, failed == nil); err != nil {
		return errors.Join(failed, err)
	}
	if errors.Is(failed, issuer.ErrNothingTaken) {
		return exitError{exitNothing, failed}
	}
	if failed != nil {
		return failed
	}
	return leftOut(out.LeftOut())
}

// check finds what the parser cannot see.
func (c *centerImport) check() error {
	switch {
	case c.Roster == "" && c.Goods == "" && c.Staff == "":
		return errors.New("there is nothing to do: give --roster, --goods or --staff")
	case c.Roster != "" && c.Town == "":
		return errors.New("give --town: the volunteers of the roster live in one")
	case c.Goods+c.Staff != "" && c.Home+c.Kiosk+c.Scope == "":
		return errors.New("give --kiosk or --scope: goods and staff belong to one")
	}
	return apart([]string{c.Roster, c.Goods, c.Staff}, []string{c.Cards, c.Rejected})
}

func (c *centerImport) print(w *world, out center.Imported, taken bool) error {
	if c.JSON {
		return printJSON(w, out.Files)
	}
	p := preview{texts: textsFor(c.Lang, w.env), rejected: c.Rejected}
	var b strings.Builder
	for _, file := range out.Files {
		p.file(&b, file)
	}
	if taken && c.DryRun {
		b.WriteString(p.texts.look)
	}
	if out.CardsFile != "" {
		fmt.Fprintf(&b, p.texts.cards, out.Cards, out.CardsFile)
		b.WriteString(p.texts.trash)
	}
	if taken && out.Cardless > 0 {
		fmt.Fprintf(&b, p.texts.cardless, out.Cardless)
	}
	_, err := w.stdout.Write([]byte(b.String()))
	return err
}

// office runs f at the desk of the open book.
func (c *centerCommand) office(ctx context.Context, w *world, f func(center.Office) error) error {
	return c.with(ctx, w, func(book *store.Store) error {
		keys, err := c.keys(ctx, w, book)
		if err != nil {
			return err
		}
		return f(center.Office{Store: book, Keys: keys, Now: w.now, Random: w.random, Log: w.log})
	})
}
