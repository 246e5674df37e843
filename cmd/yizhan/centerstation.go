package main

import (
	"context"
	"fmt"

	"yizhan/center"
	"yizhan/civic/issuer"
)

// centerStation describes the station of a kiosk to it.
type centerStation struct {
	Kiosk string `arg:"" help:"Name of the kiosk."`
	File  string `arg:"" type:"existingfile" help:"TOML file: name, name_en, parent, parent_en, counter, counter_en, phone, [policy], as for 'yizhan bundle make'."`
}

// Run writes the station's document.
func (c *centerStation) Run(ctx context.Context, w *world, parent *centerCommand) error {
	station, err := issuer.ReadStation(c.File)
	if err != nil {
		return err
	}
	return parent.office(ctx, w, func(office center.Office) error {
		if err := office.PutStation(ctx, c.Kiosk, station); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w.stdout, "%s  %s\n", c.Kiosk, station.Name)
		return err
	})
}
