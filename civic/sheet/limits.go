package sheet

// Limits of one file. They are far above what a county keeps in one list and far below what would hurt a kiosk.
const (
	maxFileBytes = 128 << 20 // of the file as stored
	maxRows      = 300_000   // rows with content in all sheets together
	maxLines     = 2 << 20   // rows of any kind in one sheet; a workbook ends at 1,048,576
	maxColumns   = 256       // columns that are looked at
	maxCellBytes = 4 << 10   // longer cells are cut, and faulty where they matter
	maxSheets    = 64
	headerRows   = 20 // rows with content in which the headings are looked for

	maxNameRunes    = 50
	maxCodeBytes    = 40
	maxShortRunes   = 60  // size, unit, category, donor
	maxSeveralRunes = 400 // a cell with several values
	maxOdd          = 8   // words of a column that a notice repeats
	maxPathRunes    = 200
	maxShownRunes   = 24 // of a bad value repeated in a reason
	maxListed       = 40 // headings listed in a summary or an error
	privateDigits   = 8  // a value with so many digits is not repeated

	maxPoints  = 100_000_000         // of one person or one item
	maxStock   = 10_000_000          // of one item
	maxMinutes = 100 * 366 * 24 * 60 // a hundred years

	minDateYear = 1990 // of an expiry; an earlier one is a slip
	maxDateYear = 2199
)

// Limits of a workbook, against bombs.
const (
	maxZipEntries        = 4096
	maxZipDirectoryBytes = 1 << 20
	maxUnpackedBytes     = 2 << 30 // of all the parts that are read; formatted but empty rows take most
	maxRatio             = 250     // unpacked to packed, of a part beyond freeRatioBytes
	freeRatioBytes       = 16 << 20
	maxTokenBytes        = 512 << 10 // one tag or one run of text
	maxAttrBytes         = 2 << 10   // an attribute that is kept
	maxSharedBytes       = 64 << 20  // text of the shared strings as kept
	maxSharedCount       = 2 << 20
	maxStyles            = 1 << 16
	maxMerges            = 1 << 16
)
