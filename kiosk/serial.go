package kiosk

import (
	"context"
	"time"

	"yizhan/printer"
)

// SerialPrinter is a Printer on a serial line. The device may come and go: it is
// opened again whenever a slip is to be printed.
type SerialPrinter struct {
	Device string // /dev/ttyUSB0
	Baud   int

	port *printer.Port
}

// Ready opens the device if it is not open.
func (p *SerialPrinter) Ready(context.Context) error {
	if p.port != nil {
		return nil
	}
	port, err := printer.OpenPort(p.Device, p.Baud)
	if err != nil {
		return err
	}
	p.port = port
	return nil
}

// Print sends the slip and waits until the kernel's queue is empty.
func (p *SerialPrinter) Print(ctx context.Context, slip []byte) (sent int, err error) {
	if err := p.Ready(ctx); err != nil {
		return 0, err
	}
	sent, err = p.port.Send(ctx, slip)
	if err == nil {
		err = p.port.Drain(ctx)
	}
	if err != nil {
		p.port.Close()
		p.port = nil
	}
	return sent, err
}

// Close closes the device.
func (p *SerialPrinter) Close() error {
	if p.port == nil {
		return nil
	}
	port := p.port
	p.port = nil
	return port.Close()
}

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
