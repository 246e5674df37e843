package ledger

// PrintStep is what happened to a print job.
type PrintStep uint8

// Steps of a print job. The job itself is made by the entry that caused it.
const (
	PrintSending   PrintStep = 1  // written before the first byte leaves
	PrintPresumed  PrintStep = 2  // every byte left and the printer did not complain
	PrintUncertain PrintStep = 3  // nobody can tell how much is on paper
	PrintHeld      PrintStep = 4  // a fault before the first byte
	PrintAgain     PrintStep = 5  // a new copy was asked for
	PrintDrained   PrintStep = 6  // every byte has left the kernel
	PrintConfirmed PrintStep = 7  // the printer named the job's id
	PrintFenced    PrintStep = 8  // the printer answered what it comes to only after the paper
	PrintSeen      PrintStep = 9  // a person has seen the whole slip
	PrintVoided    PrintStep = 10 // a person has seen that it is not whole; a new copy follows
	PrintReleased  PrintStep = 11 // the printer is ready again for what was held
	PrintDropped   PrintStep = 12 // a kick of the drawer, or a ticket, that is not carried out, or nobody knows whether
	PrintAsked     PrintStep = 13 // a slip was asked for that no entry makes by itself
)

// Print records a step of the print job that the entry Job made.
type Print struct {
	Job      uint64 // Seq of the entry that made the job
	Step     PrintStep
	Copy     int64 // 0: the original; n: the n-th reprint
	Operator ID    // of what a person does or asks for: who; zero: the volunteer, or nobody
	Note     string
}

// Kind returns KindPrint.
func (Print) Kind() Kind { return KindPrint }

func (b Print) encode(w *writer) {
	w.seq("job", b.Job)
	w.oneOf("step", byte(b.Step), byte(PrintSending), byte(PrintAsked))
	w.int("copy", b.Copy, maxCopies)
	w.raw(b.Operator[:])
	w.text("note", b.Note, MaxText)
}

func (r *reader) print() Print {
	return Print{
		Job:      r.seq("job"),
		Step:     PrintStep(r.oneOf("step", byte(PrintSending), byte(PrintAsked))),
		Copy:     r.int("copy", maxCopies),
		Operator: r.id(),
		Note:     r.text("note", MaxText),
	}
}

// DeviceEvent is something that happened to the box.
type DeviceEvent uint8

// Events of a box.
const (
	DeviceStart    DeviceEvent = 1 // Text: program version
	DeviceBundle   DeviceEvent = 2 // Text: serial number and SHA-256 of a bundle loaded
	DeviceRebuilt  DeviceEvent = 3 // Text: what was damaged and what it was rebuilt from
	DeviceNewEpoch DeviceEvent = 4 // Text: why
	DevicePrinter  DeviceEvent = 5 // Text: what a printer was found to answer, and on which port
	DeviceEra      DeviceEvent = 6 // Text: the era of the center that the box has heard of; cursors of another one are forgotten
	DeviceHalt     DeviceEvent = 7 // Text: why points and stock stand still, a word and what there is to say; "": they move again
)

// Device records an event of the box.
type Device struct {
	Event DeviceEvent
	Text  string
}

// Kind returns KindDevice.
func (Device) Kind() Kind { return KindDevice }

func (b Device) encode(w *writer) {
	w.oneOf("event", byte(b.Event), byte(DeviceStart), byte(DeviceHalt))
	w.text("text", b.Text, MaxText)
}

func (r *reader) device() Device {
	return Device{
		Event: DeviceEvent(r.oneOf("event", byte(DeviceStart), byte(DeviceHalt))),
		Text:  r.text("text", MaxText),
	}
}
