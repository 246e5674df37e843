// Package spool prints jobs so that nobody ever has to guess what became of them.
//
// # The promise
//
// A job's state is durable in the caller's [Book] before the act that it names: the
// book says sending before the first byte leaves, drained before the first question
// about the paper. So whatever is pulled out, and whenever, the book never claims
// more than what is true, and no slip comes out twice without a mark. One goroutine,
// [Spool.Run], is the only writer of the port.
//
//	state      entered when                           left when
//	queued     the job is made                        the printer is ready -> sending; it is not -> held
//	held       the printer cannot print; nothing      it can again -> queued
//	           was sent, trying again is safe
//	sending    before byte 1                          all bytes are out of the kernel -> drained; fault -> uncertain
//	drained    no byte is left in the kernel          the printer proves it -> printed; it cannot, and nothing
//	                                                  speaks against it -> presumed; fault or silence -> uncertain
//	printed    by id, by fence, or a person saw it    a person wants another copy -> queued
//	presumed   no evidence is to be had               the same; a person doubts it -> uncertain
//	uncertain  any doubt                              a person says whole -> printed; not whole -> voided,
//	                                                  and the next copy is queued
//	voided     a later copy counts                    never
//
// A drawer kick is a job, too, but one that is carried out at most once and never
// late: it is never held, and any fault ends it as voided. So it is with a slip that is
// for the person who stands there now and for nobody who comes later ([Job].Now).
//
// # What a printer can prove
//
// [Ability] is what a printer answered when it was probed; what it claims to be is
// never asked. Levels are the names of the field: L3 answers GS ( H with the id that
// it was sent, L2 answers GS r in the order of what it prints, L1 only DLE EOT, L0
// nothing.
//
// An answer that comes in order proves that the printer got past the slip, not that
// it still had its beginning: a printer that loses its power in between forgets
// what it had received, and answers the question all the same. So the question is
// put in a macro (GS :) before the slip, and after it only the macro is called
// (GS ^). Macros are lost with the power and with nothing else (Epson TM-T88III
// specification and TM-H5000II specification, GS :; Bixolon SRP-332II manual), so
// an answer proves both. It does so after a restart of the kiosk, too. A fence is one
// byte of zeros as a rule, which is also what a line carries whose printer loses its
// power, so a macro with a fence is called twice. Without macros a slip is presumed at
// best, however well the printer answers.
package spool
