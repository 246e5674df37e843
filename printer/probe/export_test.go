package probe

// What the tests look for on the paper.
const (
	NameText   = nameText
	Plain      = plain
	Separate   = separate
	Rare       = rare
	DrawnCode  = drawnCode
	NativeCode = nativeCode
)

var Taught = taught
