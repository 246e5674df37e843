// Package link is the conversation between a kiosk and the center: the frames,
// the connection that carries them, the proof of who speaks, and the state
// machine of each end. docs/protocol.md is the contract; this package is true to
// it. What an end knows and keeps is handed in behind small interfaces, so that
// the same code runs over TLS, and over memory and a false clock in a simulation.
//
// # Frames
//
// A Frame is one byte that names its kind and a body. Bodies are JSON of exactly
// the fields of the struct, in its order, as encoding/json writes it; Entries is
// binary. Every value has one encoding, and any other bytes end the connection.
//
// # Connections
//
// A Conn carries frames in order or breaks; it never drops one in between. Pipe
// makes two ends in memory that break, hang and lag as a test wants. Dial and
// Accept are the WebSocket over TLS 1.3, where the kiosk pins the center's key.
//
// # Ends
//
// Kiosk.Run keeps one session with the center for as long as it can be had, and
// comes back with jitter. Center.Serve holds one kiosk's session. Neither blocks
// the other: what one may have on the way unanswered is bounded in limits.go, an
// outbox holds it, and a peer that exceeds it is hung up on.
package link
