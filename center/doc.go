// Package center is the process that kiosks sync with and that the staff of a
// practice center look at: the link's endpoint (/link), the place where boxes ask
// to be enrolled (/enrol), the console's pages, and the work that nobody asks for.
//
// # What is where
//
// A [Server] serves one database together with any number of other processes; it
// keeps nothing that another process would miss. Its [Book] answers what package
// link asks for out of package store. What is written in this process reaches
// connected kiosks at once, what another process or the command line wrote at the
// next look (pollEvery): documents, and decisions of officers about a kiosk.
//
// # Two doors
//
// [Server.Handler] is for a listener with TLS 1.3 that ends in this process,
// because a kiosk's proof is bound to the key that TLS shows. [Server.Console]
// serves the pages alone, over plain HTTP on a loopback address. Both answer only
// to the center's own names and addresses.
//
// # Keys
//
// [Keys] are the center's identity: kiosks pin the TLS key, believe bundles that
// the signing key signed, and find phones by the phone key. Processes of one
// database share a copy of them; without them a database serves no kiosk.
package center
