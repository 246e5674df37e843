package kiosk

import (
	"context"
	"time"

	"yizhan/printer"
)

// scannerRetry is how long to wait before a scan head that is gone is looked for.
const scannerRetry = 2 * time.Second

// SerialScanner hands every code that a scan head on a serial line reads to scan,
// until ctx ends. The device may come and go.
func SerialScanner(ctx context.Context, device string, baud int, scan func(text string), log func(error)) {
	var last string
	for ctx.Err() == nil {
		err := readScans(ctx, device, baud, scan)
		if err != nil && ctx.Err() == nil && err.Error() != last {
			last = err.Error() // once, not every two seconds
			log(err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(scannerRetry):
		}
	}
}

func readScans(ctx context.Context, device string, baud int, scan func(text string)) error {
	port, err := printer.OpenPort(device, baud)
	if err != nil {
		return err
	}
	defer port.Close()
	return printer.Scan(ctx, port, time.Now, scan)
}
