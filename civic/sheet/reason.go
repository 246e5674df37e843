package sheet

// Codes of a Rejection. A code never changes its meaning; new ones may come.
const (
	CodeNameMissing    = "name_missing"
	CodeNameLong       = "name_long"
	CodeNameBad        = "name_bad"
	CodeNameSeveral    = "name_several"
	CodeKeyMissing     = "key_missing" // neither volunteer number nor id number
	CodeNumberKeyBad   = "code_bad"    // volunteer number, staff number or goods code that cannot be one
	CodeNumberKeyLost  = "code_damaged"
	CodeIDLength       = "id_bad"
	CodeIDCheck        = "id_check"
	CodeIDBirth        = "id_birth"
	CodeIDDamaged      = "id_damaged"
	CodeIDType         = "id_type"
	CodePhoneBad       = "phone_bad"
	CodePhoneDamaged   = "phone_damaged"
	CodePhoneSeveral   = "phone_several"
	CodeNumberBad      = "number_bad"
	CodeNumberNegative = "number_negative"
	CodeNumberFraction = "number_fraction"
	CodeNumberLarge    = "number_large"
	CodeNumberSmall    = "number_small"
	CodeTimeBad        = "time_bad"
	CodeDateBad        = "date_bad"
	CodeBecameDate     = "became_date"
	CodeValueMissing   = "value_missing"
	CodeTextLong       = "text_long"
	CodeRoleBad        = "role_bad"
	CodeDuplicate      = "duplicate"
	CodeConflict       = "conflict"
	CodeMerged         = "merged"
	CodeFormulaEmpty   = "formula_no_value"
	CodeFormulaError   = "formula_error"
	CodeFormulaText    = "formula_text"
	CodeControlChar    = "control_char"
	CodeBadChar        = "bad_char"
	CodeCellLong       = "cell_long"
	CodeTooWide        = "too_many_columns"
	CodeTotalRow       = "total_row"
)

// reasons has the sentence of every code. %[1]s is the heading of the column, what follows are the fault's own arguments.
var reasons = map[string]struct{ zh, en string }{
	CodeNameMissing: {"没有填“%[1]s”", "%[1]s is empty"},
	CodeNameLong:    {"“%[1]s”超过 50 个字，请检查是不是把别的内容填了进来", "%[1]s is longer than 50 characters"},
	CodeNameBad:     {"“%[1]s”里没有文字，请填真实的名称", "%[1]s has no letters"},
	CodeNameSeveral: {"“%[1]s”里像是有几个人，请每人单独一行", "%[1]s seems to name several people, give each a row"},
	CodeKeyMissing: {"志愿者编号和证件号码都没有填，至少要填一个",
		"neither the volunteer number nor the id number is given"},
	CodeNumberKeyBad: {"“%[1]s”只能用字母、数字和 - _ . /，最多 40 个", "%[1]s may have letters, digits and - _ . / only, at most 40"},
	CodeNumberKeyLost: {"“%[1]s”被 Excel 变成了科学计数法或丢了末尾几位，请把这一列设为“文本”，重新填写完整号码",
		"%[1]s lost digits in Excel: format the column as text and enter it again"},
	CodeIDLength: {"“%[1]s”不是完整的证件号码：身份证应为 18 位（或老的 15 位），最后一位可以是 X", "%[1]s is not a complete id number"},
	CodeIDCheck:  {"“%[1]s”的校验位对不上，多半抄错了一位，请对照证件改正", "the check digit of %[1]s is wrong"},
	CodeIDBirth:  {"“%[1]s”里的出生日期不存在，请对照证件改正", "the birth date inside %[1]s does not exist"},
	CodeIDDamaged: {"“%[1]s”被 Excel 当成数字存，末尾几位已经丢了，请把这一列设为“文本”，重新填写完整号码（确实以 000 结尾的，请在号码中间加空格）",
		"%[1]s lost its last digits in Excel: format the column as text and enter it again, with a space inside if it really ends in 000"},
	CodeIDType: {"“%[1]s”像是护照或通行证号码，请加一列“证件类型”并写明是什么证件",
		"%[1]s looks like a passport or permit: say so in a 证件类型 column"},
	CodePhoneBad: {"“%[1]s”不是 11 位手机号码；没有手机就留空", "%[1]s is not a mobile number; leave it empty if there is none"},
	CodePhoneDamaged: {"“%[1]s”被 Excel 变成了科学计数法，请把这一列设为“文本”，重新填写号码",
		"%[1]s lost digits in Excel: format the column as text and enter it again"},
	CodePhoneSeveral:   {"“%[1]s”里不止一个号码，请只留一个", "%[1]s has more than one number, keep one"},
	CodeNumberBad:      {"“%[1]s”应为整数，现在是“%[2]s”", "%[1]s must be a whole number, not %[2]q"},
	CodeNumberNegative: {"“%[1]s”不能是负数，现在是“%[2]s”", "%[1]s cannot be negative: %[2]q"},
	CodeNumberFraction: {"“%[1]s”只能是整数，不能带小数，现在是“%[2]s”", "%[1]s cannot have a fraction: %[2]q"},
	CodeNumberLarge:    {"“%[1]s”太大，不合常理，现在是“%[2]s”", "%[1]s is too large: %[2]q"},
	CodeNumberSmall:    {"“%[1]s”至少是 1，现在是“%[2]s”", "%[1]s must be at least 1, not %[2]q"},
	CodeTimeBad: {"“%[1]s”看不懂，请写成 12.5、12.5小时、750分钟 或 12:30，现在是“%[2]s”",
		"%[1]s is not a length of time such as 12.5, 750分钟 or 12:30: %[2]q"},
	CodeDateBad: {"“%[1]s”不是明确的日期，请写成 2026-12-31 这样，现在是“%[2]s”",
		"%[1]s is not a clear date such as 2026-12-31: %[2]q"},
	CodeBecameDate: {"“%[1]s”被 Excel 变成了日期，请把这一列设为“文本”，重新填写",
		"Excel turned %[1]s into a date: format the column as text and enter it again"},
	CodeValueMissing: {"没有填“%[1]s”", "%[1]s is empty"},
	CodeTextLong:     {"“%[1]s”太长，请缩短", "%[1]s is too long"},
	CodeRoleBad:      {"“%[1]s”应为 店员、站长 或 技术员，现在是“%[2]s”", "%[1]s must be clerk, leader or technician, not %[2]q"},
	CodeDuplicate:    {"和%[2]s第 %[3]d 行重复（“%[1]s”相同），已导入那一行", "same %[1]s as row %[3]d%[4]s, which was taken"},
	CodeConflict: {"和%[2]s第 %[3]d 行的“%[1]s”相同，名称却不同，请核对哪一行是对的",
		"same %[1]s as row %[3]d%[4]s, with another name"},
	CodeMerged:       {"“%[1]s”是合并单元格，分不清属于哪一行，请取消合并，每行单独填写", "%[1]s is a merged cell: unmerge it and fill in each row"},
	CodeFormulaEmpty: {"“%[1]s”是公式，但文件里没有存结果，请用 Excel 打开保存一次，或把公式粘贴成数值", "%[1]s is a formula without a stored result"},
	CodeFormulaError: {"“%[1]s”的公式出错（%[2]s），请改正公式或直接填写", "%[1]s is a formula error (%[2]s)"},
	CodeFormulaText: {"“%[1]s”以“%[2]s”开头，像是没算出来的公式，请直接填写内容",
		"%[1]s begins with %[2]q like a formula, enter the value"},
	CodeControlChar: {"“%[1]s”里有换行或看不见的控制字符，请删去后重新填写", "%[1]s has a line break or control character"},
	CodeBadChar: {"“%[1]s”里有显示不了的字（乱码或自造字），请换成标准汉字，打不出的字可用拼音",
		"%[1]s has a character that no standard knows"},
	CodeCellLong: {"“%[1]s”的内容太长（超过 4 KB）", "%[1]s is longer than 4 KB"},
	CodeTooWide:  {"这一行的格数比表头多，可能有多余的逗号，内容错了位，请检查", "the row has more cells than the header, an extra separator may have shifted it"},
	CodeTotalRow: {"这一行像是合计或说明，没有当作名单导入", "the row looks like a total or a remark"},
}

// Codes of a Notice.
const (
	NoticeHiddenSheet  = "hidden_sheet"
	NoticeEmptySheet   = "empty_sheet"
	NoticeNoHeader     = "sheet_without_header"
	NoticeHiddenRows   = "hidden_rows"
	NoticeHeaderAgain  = "header_repeated"
	NoticeOnlyUnknown  = "only_unknown_columns"
	NoticeUnknownTitle = "unknown_columns"
	NoticeEncoding     = "encoding"
	NoticeOdd          = "no_such_code"
)

var notices = map[string]struct{ zh, en string }{
	NoticeHiddenSheet:  {"工作表“%[1]s”是隐藏的，没有读取", "sheet %[1]q is hidden and was not read"},
	NoticeEmptySheet:   {"工作表“%[1]s”是空的", "sheet %[1]q is empty"},
	NoticeNoHeader:     {"工作表“%[1]s”没有表头，没有读取", "sheet %[1]q has no header row and was not read"},
	NoticeHiddenRows:   {"有 %[2]d 行是隐藏的，也一起读取了", "%[2]d hidden rows were read like the others"},
	NoticeHeaderAgain:  {"中间重复的表头有 %[2]d 行，已跳过", "%[2]d repeated header rows were passed over"},
	NoticeOnlyUnknown:  {"有 %[2]d 行只填了用不到的列（如序号），已跳过", "%[2]d rows hold nothing but ignored columns and were passed over"},
	NoticeUnknownTitle: {"这些列用不到，已忽略：%[2]s", "these columns are not used: %[2]s"},
	NoticeOdd: {"有 %[2]d 行的“%[3]s”不是国家代码表里的写法，这一项没有收，其余的收下了：%[4]s",
		"in %[2]d rows %[3]s is none of the national codes; that field was left out and the rest was taken: %[4]s"},
	NoticeEncoding: {"文件按 %[2]s 编码读取", "the file was read as %[2]s"},
}
