// Package printer turns a slip into paper.
//
// A [Slip] says what stands on the paper, from top to bottom, and nothing about
// bytes. [Encode] lays it out in the cells of a [Profile] and writes the ESC/POS
// commands; [OpenPort] carries them to the device. The package keeps no state,
// starts nothing and prints nothing by itself: the spool that decides when a
// slip may be sent, and what to believe about the answer, is its caller's.
//
// # Cells
//
// Paper is measured in the printer's own cells: a character that is one byte in
// GBK takes one cell, a character of two bytes takes two, whatever Unicode says
// about its width. A cell is 12 dots wide and 24 high. Text is normalised first
// (see [Normalize]), so nothing a person typed can reach the printer as a
// command.
//
// A character that GBK does not have is never replaced by a question mark: it comes
// from package glyph, and is taught to the printer where that is possible (FS 2);
// else the line it stands in is drawn as dots.
//
// # Stream
//
// One encoded slip is
//
//	ESC @                     forget what an earlier slip left behind
//	FS &  or  FS C FF         two-byte GBK text, or UTF-8 where the firmware has it
//	lines                     text with ESC a, ESC E, ESC 3, GS ! (and FS !), LF;
//	                          FS 2 before the first line that needs the character
//	                          GS ( k for a QR code, or GS v 0 when it is drawn
//	                          GS V 66 0 for a cut, only ever after LF
//
// Raster data comes in bands of at most [MaxBandRows] rows. Neither it nor a defined
// character holds one of the sequences that firmware obeys even there: 10 04 01..04,
// 10 05, 10 14. [Pieces] says where else the stream may be interrupted by one.
// Encoding is deterministic: one slip and one profile give the same bytes for ever.
package printer
