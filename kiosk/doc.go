// Package kiosk is the touchscreen of a station: it serves the pages that a
// volunteer or a member of staff works with, and prints their receipts. What it
// shows and changes stands in a [store.Store]; it keeps nothing else but who is in
// front of the screen, and what the center said last of those who came.
//
// # One screen, one person
//
// There is one touchscreen and so at most one [visit]. It begins when somebody
// touches a key that must be remembered, gets a person (and a new cookie) by a
// card or by phone and PIN, and ends when the person leaves, when another card is
// scanned, or when nothing was touched for a while. Everything personal, language
// and print size included, ends with it, on the server. Pages are never cached,
// and every page but the first few asks for the visit: the back button finds
// nothing.
//
// # Requests
//
// Every page answers GET and can be loaded again at any time; every change is a
// plain form whose POST redirects to a page, so all of it works without the
// script. The one WebSocket, /live, carries what the server has to say by itself:
// the printer's state, the countdown, and where to go after a scan.
//
// Everything that a person does that moves points carries an idempotency key drawn
// when the page was made: a double tap gets the first answer.
//
// # A kiosk that has a center
//
// What a volunteer can have is [funds]: the own book, which is certain, and what the
// center can bring here, which is asked for in the background (inquiry.go) while
// pages wait an instant at most. A page that shows points gets them by (*Server).funds,
// which lets it be renewed over /live when they are others; points that nobody can
// reach now are named there and not offered. Nothing is taken but from rights that are
// here: a redemption that needs more fetches it first, in an errand (errand.go), and
// so does a card that is unknown here. An errand that takes longer than an instant has
// the page "asking", which leads on by itself; one that ends in nothing has moved
// points between kiosks at most, and taken none.
//
// # Check-in
//
// The check-in page of a shift belongs to nobody and has no visit of its own. While it is
// on the screen ([gate]) the scanner's texts go to it first (checkscan.go): cards, phones'
// codes and walk-ins' slips check in or out there, and a [greeting] lies over the code for
// a moment. It is renewed over /live once a second; what the center says of check-ins by
// phone comes with the store's documents (hear). Where the screen comes back to when
// nobody is there (resting) is that page for as long as its shift runs.
//
// # Paper
//
// A slip is on its way, on paper, or in doubt, and every page about it says only what
// is known. Nobody but a person before the printer resolves a doubt, so the page of
// the redemption (for its volunteer), and /staff/paper (for staff, one touch from the
// desk), ask whether the slip is whole. The form of an answer names the copy that it
// is about, so that a second or a late tap answers nothing else. A page that shows a
// slip is loaded again, over /live, whenever something has become of it.
//
// # Adding a page
//
// A page has one word everywhere. For the page "word":
//
//   - kiosk/word.go: a handler func(*ask) error that ends in s.show(a, page{word:
//     "word", back: ..., data: ...}) or in a.redirect; its errors become the page of
//     three answers, see the table in trouble.go;
//   - its routes in (*Server).routes, under s.open, s.member or s.staff;
//   - assets/kiosk/word/word.tmpl, which defines "stage" and finds its data under
//     .Data; parts that several pages use stand in assets/kiosk/frame/parts.tmpl;
//   - word.css beside it, in @layer screens, with lengths from tokens.css and one
//     block for each orientation; word.js only when it must be;
//   - its texts, "title.word" and "word...." in both catalogues;
//   - a line in walk of screens_test.go, which fails when something does not fit.
package kiosk
