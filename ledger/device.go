package ledger

// PrintStep is what happened to a print job.
type PrintStep uint8

// Steps of a print job. The job itself is made by the entry that caused it.
const (
	PrintSending   PrintStep = 1 // written before the first byte leaves
	PrintDone      PrintStep = 2 // every byte left and the printer did not complain
	PrintUncertain PrintStep = 3 // a fault after the first byte
	PrintHeld      PrintStep = 4 // a fault before the first byte
	PrintAgain     PrintStep = 5 // a new copy was asked for
)

// Print records a step of the print job that the entry Job made.
type Print struct {
	Job      uint64 // Seq of the entry that made the job
	Step     PrintStep
	Copy     int64 // 0: the original; n: the n-th reprint
	Operator ID    // PrintAgain: who asked; zero: the volunteer
	Note     string
}

// Kind returns KindPrint.
func (Print) Kind() Kind { return KindPrint }

func (b Print) encode(w *writer) {
	w.seq("job", b.Job)
	w.oneOf("step", byte(b.Step), byte(PrintSending), byte(PrintAgain))
	w.int("copy", b.Copy, maxCopies)
	w.raw(b.Operator[:])
	w.text("note", b.Note, MaxText)
}

func (r *reader) print() Print {
	return Print{
		Job:      r.seq("job"),
		Step:     PrintStep(r.oneOf("step", byte(PrintSending), byte(PrintAgain))),
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
)

// Device records an event of the box.
type Device struct {
	Event DeviceEvent
	Text  string
}

// Kind returns KindDevice.
func (Device) Kind() Kind { return KindDevice }

func (b Device) encode(w *writer) {
	w.oneOf("event", byte(b.Event), byte(DeviceStart), byte(DeviceNewEpoch))
	w.text("text", b.Text, MaxText)
}

func (r *reader) device() Device {
	return Device{
		Event: DeviceEvent(r.oneOf("event", byte(DeviceStart), byte(DeviceNewEpoch))),
		Text:  r.text("text", MaxText),
	}
}
