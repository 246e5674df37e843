// Package demo is a kiosk to try: sample data for a village shop, made as a
// real office would make it (spreadsheets, an issuer, bundles), and the page
// that shows the paper of a simulated printer beside the kiosk's screen.
//
// Nothing in a real kiosk depends on it.
package demo
