// Package journal is the commit point of a kiosk: an append-only file of the
// entries of its chain, sealed, in segments that are zeroed ahead. An entry is
// done when [Journal.Append] has returned, and not before.
//
// # Contract
//
//   - Append makes a whole group durable with one write and one fdatasync. When
//     it fails nothing of the group counts, and the next Append is clean; only
//     after ErrSync the journal refuses everything, and the owner ends the process.
//   - After a crash or a power cut, Open finds every entry that Append returned
//     for, once, in order; after them at most a prefix of the last group.
//   - Whatever is handed out was sealed for its number and fits the chain. A
//     damaged file costs entries, never gives wrong ones, and Scan says which.
//   - Nothing is deleted: Rewrite sets the old files aside.
//
// # Files
//
//	journal-<epoch>-<first seq>.yzj   a segment; numbers in decimal, padded with zeros
//	spare.yzj, spare.tmp              the next segment, all zero; its making
//	rewrite.tmp/                      a rewrite that is not finished
//	rewrite-<epoch>-<stamp>/          a finished one: old segments move aside
//	ready-<epoch>-<stamp>/            ... and then these move into place
//	aside-<epoch>-<stamp>/            the segments that a rewrite replaced
//
// A lock (flock) on the folder keeps a second process out.
//
// # Segment
//
// All numbers are big-endian. A segment begins with a header of 512 bytes:
//
//	magic "yzjrnl1\n"(8) epoch(4) first seq(8) prev(32) kiosk length(1) kiosk(16, zero-padded)
//	seal(40, of nothing, additional data = its domain and the bytes before) zeros
//
// Prev is the hash of the entry before the first one. Frames follow, each at a
// multiple of 64 bytes, zero-padded:
//
//	magic "yzf1"(4) length(4) seq(8) group(8) sealed entry(length)
//
// The additional data of the seal is its domain, kiosk, epoch, seq and group.
// Group is the first seq of the frames that were written with this one. Zeros
// where a frame could begin end the segment. A segment gets its name only when
// its first group is durable in it, so there is no empty segment.
//
// # Torn or damaged
//
// A reader that loses its place tries every multiple of 64 bytes for the magic,
// so a flipped length hides one frame and not those after it. When the power
// goes, the disk may have kept any part of the last group. So a frame that is
// missing in the last segment is a torn tail when no sealed frame after it
// belongs to a later group: then it was never answered, and Open cuts it.
// Otherwise the entry was durable once: it is lost, and Open refuses. It refuses
// too when the disk does not give a block of the last segment back.
package journal
