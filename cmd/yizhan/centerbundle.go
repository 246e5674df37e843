package main

import (
	"context"
	"fmt"

	"yizhan/center"
	"yizhan/civic/wholefile"
)

// centerBundle makes the file that carries documents to a kiosk without a network.
type centerBundle struct {
	Kiosk string `required:"" help:"Name of the kiosk."`
	Out   string `required:"" type:"path" help:"Where the bundle goes, such as /media/usb/SQ01.yzb."`
}

// Help is printed below the flags.
func (*centerBundle) Help() string {
	return `The bundle holds everything that the kiosk must know, and the points that its own volunteers have
free: they are granted to it now. Whatever the kiosk has of it already changes nothing there.`
}

// Run writes the bundle, whole or not at all.
func (c *centerBundle) Run(ctx context.Context, w *world, parent *centerCommand) error {
	return parent.office(ctx, w, func(office center.Office) error {
		f, err := wholefile.Create(c.Out, 0)
		if err != nil {
			return err
		}
		defer f.Abort()
		h, err := office.Bundle(ctx, f, c.Kiosk)
		if err != nil {
			return err
		}
		if err := f.Commit(); err != nil {
			return err
		}
		n := h.Counts
		_, err = fmt.Fprintf(w.stdout, "%s  %s epoch %d 第 %d 期: number 编号 %d\n%d volunteers 志愿者, %d grants 授权, %d goods 物品, %d pictures 图片, %d staff 工作人员\n",
			c.Out, h.Kiosk, h.Epoch, h.Epoch, h.Serial, n.Volunteers, n.Grants, n.Goods, n.Pictures, n.Staff)
		return err
	})
}
