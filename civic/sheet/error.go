package sheet

import (
	"errors"
	"fmt"
	"strings"
)

// Codes of an Error: why a whole file is refused.
const (
	RefusedOpen         = "open"             // the file cannot be read from its medium
	RefusedEmpty        = "empty"            // no rows at all
	RefusedTooLarge     = "too_large"        // more bytes, sheets or columns' worth of text than limits.go allows
	RefusedTooManyRows  = "too_many_rows"    // more rows than limits.go allows
	RefusedBomb         = "bomb"             // unpacks to far more than it should
	RefusedNotSheet     = "not_spreadsheet"  // something else altogether
	RefusedOldExcel     = "old_xls"          // binary workbook of Excel 97-2003
	RefusedBinaryExcel  = "xlsb"             // binary workbook of Excel 2007
	RefusedHTML         = "html_table"       // web page named .xls
	RefusedXMLSheet     = "xml_spreadsheet"  // Excel 2003 XML
	RefusedOpenDocument = "open_document"    // .ods
	RefusedEncrypted    = "encrypted"        // needs a password
	RefusedDamaged      = "damaged"          // the parts do not fit together
	RefusedEncoding     = "encoding"         // text in an unknown encoding
	RefusedQuote        = "quote_open"       // a quotation mark that never closes
	RefusedNoHeader     = "header_not_found" // no row names the required columns
	RefusedColumnTwice  = "column_twice"     // two columns claim the same field
	RefusedHidden       = "all_hidden"       // every sheet is hidden
)

// Error refuses a whole file. Message says what is wrong and Hint what to do, for a person; the wrapped cause is for the log.
type Error struct {
	Code      string `json:"code"`
	Message   string `json:"message"` // zh-CN
	Hint      string `json:"hint"`    // zh-CN
	MessageEN string `json:"-"`
	HintEN    string `json:"-"`

	cause error
}

// Error gives the English text with the cause, as the log wants it.
func (e *Error) Error() string {
	if e.cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.MessageEN, e.cause)
	}
	return e.Code + ": " + e.MessageEN
}

// Unwrap gives the cause, nil when the file itself is all there is to blame.
func (e *Error) Unwrap() error { return e.cause }

// refuse makes the Error of a code. The arguments fill the message, in both languages alike.
func refuse(code string, cause error, args ...any) *Error {
	var inner *Error
	if errors.As(cause, &inner) {
		return inner // the first refusal knows best
	}
	t, ok := refusals[code]
	if !ok {
		panic("sheet: no text for the refusal " + code)
	}
	return &Error{
		Code: code, cause: cause,
		Message: fill(t.message, args), Hint: fill(t.hint, args),
		MessageEN: fill(t.messageEN, args), HintEN: fill(t.hintEN, args),
	}
}

// fill puts arguments into a text by their position; a text may leave some out.
func fill(text string, args []any) string {
	if !strings.Contains(text, "%[") {
		return text
	}
	return fmt.Sprintf(text, args...)
}

type refusal struct{ message, hint, messageEN, hintEN string }

const (
	saveAs   = "请用 Excel 或 WPS 打开它，另存为 xlsx 或 CSV，再导入。"
	saveAsEN = "Open it in Excel or WPS, save it as xlsx or CSV, and import that."
)

var refusals = map[string]refusal{
	RefusedOpen: {"文件打不开。", "请检查文件还在不在、U 盘有没有插好，再试一次。",
		"the file cannot be opened", "Check that the file is there and the medium is plugged in, then try again."},
	RefusedEmpty: {"文件是空的。", "请确认选对了文件，并且已经保存。",
		"the file is empty", "Check that it is the right file and that it was saved."},
	RefusedTooLarge: {"文件太大，超过了 %[1]s。", "请拆成几个文件，分几次导入；名单下面如有大片空行，请整行删除。",
		"the file is too large: more than %[1]s", "Split it, or delete the empty rows below the list, and import again."},
	RefusedTooManyRows: {"行数太多，超过了 %[1]d 行。", "请拆成几个文件，分几次导入；名单下面如有大片空行，请整行删除。",
		"the file has more than %[1]d rows", "Split it, or delete the empty rows below the list, and import again."},
	RefusedBomb: {"文件解压后大得不正常，为安全起见没有读取。", "请把名单复制到一个新建的表格里，保存后再导入。",
		"the file unpacks to an abnormal size and was not read", "Copy the list into a new workbook, save it, and import that."},
	RefusedNotSheet: {"这不是表格文件（看起来是%[1]s）。", "请导入 xlsx 或 CSV 文件。",
		"this is not a spreadsheet (it looks like %[1]s)", "Import an xlsx or CSV file."},
	RefusedOldExcel: {"这是旧版 Excel 的 xls 文件，不能直接读取。", saveAs,
		"this is a binary xls file of an old Excel", saveAsEN},
	RefusedBinaryExcel: {"这是 Excel 的二进制工作簿（xlsb），不能直接读取。", saveAs,
		"this is a binary workbook (xlsb)", saveAsEN},
	RefusedHTML: {"这个文件其实是网页，不是表格（有些系统导出的 xls 就是这样）。", saveAs,
		"this file is a web page, not a spreadsheet, as some systems export xls", saveAsEN},
	RefusedXMLSheet: {"这是 Excel 2003 的 XML 表格，不能直接读取。", saveAs,
		"this is an XML spreadsheet of Excel 2003", saveAsEN},
	RefusedOpenDocument: {"这是 OpenDocument 文件（ods 等），不能直接读取。", saveAs,
		"this is an OpenDocument file", saveAsEN},
	RefusedEncrypted: {"文件加了密码，打不开。", "请用 Excel 或 WPS 打开，去掉打开密码，保存后再导入。",
		"the file is protected by a password", "Open it in Excel or WPS, remove the password, save it, and import that."},
	RefusedDamaged: {"文件损坏，读到一半读不下去了。", "请用 Excel 或 WPS 打开检查，另存一份再导入；打不开就请对方重新发送。",
		"the file is damaged", "Open it in Excel or WPS and save a fresh copy, or ask for the file again."},
	RefusedEncoding: {"认不出文件的文字编码。", "请用 Excel 或 WPS 打开，另存为 xlsx，或“CSV UTF-8”。",
		"the text encoding is unknown", "Open it in Excel or WPS and save it as xlsx or as CSV UTF-8."},
	RefusedQuote: {"第 %[1]d 行开始的引号没有结束，后面的行都连在了一起。", "请在这一行补上或删去英文双引号，再导入。",
		"the quotation mark opened at row %[1]d never closes", "Add or remove the double quote in that row and import again."},
	RefusedNoHeader: {"没有找到表头。要有这些列：%[1]s。文件开头看到的是：%[2]s。", "请把列名写在名单上方的同一行里，例如：%[3]s。",
		"no header row was found: it needs %[1]s, the file begins with: %[2]s", "Write the column names in one row above the list."},
	RefusedColumnTwice: {"第 %[1]d 行表头里，“%[2]s”和“%[3]s”说的是同一项，不知道该用哪一列。", "请删去其中一列，或把它改成别的列名。",
		"in header row %[1]d two columns, %[2]q and %[3]q, claim the same field", "Remove or rename one of them."},
	RefusedHidden: {"所有工作表都是隐藏的。", "请取消隐藏要导入的工作表，保存后再导入。",
		"every sheet is hidden", "Unhide the sheet to import and save the file."},
}
