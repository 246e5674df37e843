package printer

// Kick is the job that opens the cash drawer on the first connector: ESC p with a
// pulse of 50 ms and half a second of rest, which every solenoid in use bears. It is
// no part of a slip: paper may be printed again, a drawer is opened at most once.
func Kick() []byte { return []byte{0x1B, 'p', 0, 25, 250} }
