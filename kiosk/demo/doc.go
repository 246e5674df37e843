// Package demo is a kiosk to try: sample data for a village shop, made as a real
// office would make it (spreadsheets, an issuer, bundles), and a page that shows the
// kiosk's screen beside its printer.
//
// The printer is a [Bench]: a simulated one behind a path that the kiosk opens like a
// serial port. Buttons tear its paper out, open its cover, cut its power, hold its
// line and so on, at once or halfway through the next slip, and mend it. What it
// prints is seen while it comes out.
//
// Nothing in a real kiosk depends on it.
package demo
