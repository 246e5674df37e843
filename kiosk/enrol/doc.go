// Package enrol makes a box a kiosk of a center. It knows no screen: package kiosk
// shows what it says, on a box that is no kiosk yet and to staff of one that has to
// begin anew.
//
// # The way
//
// An officer gives an [link.Invitation], as a QR code or to be typed. The box keeps
// it, looks at the center's key, and asks to be enrolled, again and again, with a
// request that its own key signs. Meanwhile an officer compares the fingerprint on
// both screens. The answer is a [Center], which is kept, and the invitation goes.
//
// # What is kept
//
// Two files in the data folder, for the owner alone, each replaced whole:
//
//	enrol.json   the invitation on its way, with the center's key once it was seen
//	center.json  the center that the box is a kiosk of, and which kiosk it is there
//
// The box's key lies where the store keeps it. So a box that loses its power at any
// moment goes on where it stood: the center knows a code's first user by its key and
// answers the same again. When both files are there, the box is enrolled and on its
// way to be enrolled anew, or lost its power between the last two steps; either way
// it asks once more.
package enrol
