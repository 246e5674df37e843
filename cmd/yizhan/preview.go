package main

import (
	"fmt"
	"strings"

	"yizhan/civic/issuer"
	"yizhan/civic/sheet"
)

// maxPreviewRows bounds the rows that a preview lists for each file.
const maxPreviewRows = 20

// previewTexts are the words of a preview in one language.
type previewTexts struct {
	kinds                             map[string]string
	counts, refused, row, rowOf, rest string
	restIn, notice, left, leftStaff   string
	dryRun, look, trash               string
	unchanged, bundle, holds          string
	key, cards, cardless, keepCards   string
	reason                            func(sheet.Rejection) string
	noticeText                        func(sheet.Notice) string
	refusal                           func(*sheet.Error) (message, hint string)
}

var previewZH = previewTexts{
	kinds:  map[string]string{sheet.KindRoster: "志愿者", sheet.KindGoods: "物品", sheet.KindStaff: "工作人员"},
	counts: "%s  %s：新增 %d，有变化 %d，没变 %d，没有导入 %d\n", refused: "%s  %s：整个文件没有读取\n    %s\n    %s\n",
	row: "    第 %d 行  %s\n", rowOf: "    %s 第 %d 行  %s\n", rest: "    …… 还有 %d 行；加 --rejected 文件名 可以全部导出\n",
	restIn: "    没有导入的行都在 %s\n", notice: "    注意：%s\n", left: "    清单里不再有的 %d 种物品已下架\n",
	leftStaff: "    清单里不再有的 %d 名工作人员，卡和密码已停用\n",
	dryRun:    "试运行：没有生成任何文件包、卡片和清单\n", look: "试运行：中心的账没有改动，也没有生成卡片\n", trash: "    打印后请删掉这个文件\n", unchanged: "没有新内容，仍是第 %d 号\n", bundle: "%s：%s 的第 %d 号（第 %d 期）\n",
	holds: "    共有志愿者 %d 人，物品 %d 种，图片 %d 张，工作人员 %d 人\n", key: "    发行方公钥 %s\n",
	cards: "新卡 %d 张：%s\n", cardless: "还有 %d 人没有卡；加 --cards 文件名.html 可以打印\n", keepCards: "    打印后请删掉这个文件，并给发行文件夹 %s 做备份\n",
	reason:     func(r sheet.Rejection) string { return r.Reason },
	noticeText: func(n sheet.Notice) string { return n.Text },
	refusal:    func(e *sheet.Error) (string, string) { return e.Message, e.Hint },
}

var previewEN = previewTexts{
	kinds:  map[string]string{sheet.KindRoster: "volunteers", sheet.KindGoods: "goods", sheet.KindStaff: "staff"},
	counts: "%s  %s: %d new, %d changed, %d same, %d left out\n", refused: "%s  %s: the file was not read\n    %s\n    %s\n",
	row: "    row %d  %s\n", rowOf: "    %s row %d  %s\n", rest: "    ... and %d rows more; --rejected FILE writes them all\n",
	restIn: "    the rows left out are in %s\n", notice: "    note: %s\n", left: "    %d goods that the list no longer names are withdrawn\n",
	leftStaff: "    card and PIN of %d members of staff that the list no longer names are ended\n",
	dryRun:    "Dry run: no bundle, cards or list of rows were written\n", look: "Dry run: the center's book is as it was, and no cards were made\n", trash: "    delete that file after printing\n", unchanged: "Nothing new: it is still number %d\n", bundle: "%s: number %[3]d of %[2]s (epoch %[4]d)\n",
	holds: "    holds %d volunteers, %d goods, %d pictures, %d staff\n", key: "    issuer's public key %s\n",
	cards: "%d new cards: %s\n", cardless: "%d persons still have no card; --cards FILE.html prints them\n", keepCards: "    delete that file after printing, and keep a backup of %s\n",
	reason:     func(r sheet.Rejection) string { return r.ReasonEN },
	noticeText: func(n sheet.Notice) string { return n.TextEN },
	refusal:    func(e *sheet.Error) (string, string) { return e.MessageEN, e.HintEN },
}

// textsFor picks the language that was asked for, else that of the environment.
func textsFor(lang string, env func(string) string) previewTexts {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if lang == "" {
			lang = env(name)
		}
	}
	if lang == "" || strings.HasPrefix(lang, "zh") {
		return previewZH
	}
	return previewEN
}

// preview tells a person what became of the lists.
type preview struct {
	texts    previewTexts
	rejected string // where the rows left out are; "": nowhere
	make     *bundleMake
	taken    bool
	key      string
}

func (p preview) text(result issuer.Result) string {
	var b strings.Builder
	for _, file := range result.Files {
		p.file(&b, file)
	}
	switch {
	case !p.taken:
		return b.String()
	case p.make.DryRun:
		b.WriteString(p.texts.dryRun)
		return b.String()
	case result.Unchanged:
		fmt.Fprintf(&b, p.texts.unchanged, result.Header.Serial)
	}
	h := result.Header
	fmt.Fprintf(&b, p.texts.bundle, p.make.Out, h.Kiosk, h.Serial, h.Epoch)
	fmt.Fprintf(&b, p.texts.holds, h.Counts.Volunteers, h.Counts.Goods, h.Counts.Pictures, h.Counts.Staff)
	fmt.Fprintf(&b, p.texts.key, p.key)
	if result.CardsFile != "" {
		fmt.Fprintf(&b, p.texts.cards, result.Cards, result.CardsFile)
		fmt.Fprintf(&b, p.texts.keepCards, p.make.Issuer)
	}
	if result.Cardless > 0 {
		fmt.Fprintf(&b, p.texts.cardless, result.Cardless)
	}
	return b.String()
}

func (p preview) file(b *strings.Builder, f *issuer.File) {
	if f.Refused != nil {
		message, hint := p.texts.refusal(f.Refused)
		fmt.Fprintf(b, p.texts.refused, p.texts.kinds[f.Kind], f.File, message, hint)
		return
	}
	fmt.Fprintf(b, p.texts.counts, p.texts.kinds[f.Kind], f.File, f.New, f.Changed, f.Same, len(f.Rejected))
	for _, r := range f.Rejected[:min(len(f.Rejected), maxPreviewRows)] {
		if r.Sheet == "" {
			fmt.Fprintf(b, p.texts.row, r.Row, p.texts.reason(r))
		} else {
			fmt.Fprintf(b, p.texts.rowOf, r.Sheet, r.Row, p.texts.reason(r))
		}
	}
	switch more := len(f.Rejected) - maxPreviewRows; {
	case len(f.Rejected) > 0 && p.rejected != "":
		fmt.Fprintf(b, p.texts.restIn, p.rejected)
	case more > 0:
		fmt.Fprintf(b, p.texts.rest, more)
	}
	for _, n := range f.Notices {
		fmt.Fprintf(b, p.texts.notice, p.texts.noticeText(n))
	}
	if f.Left > 0 && f.Kind == sheet.KindGoods {
		fmt.Fprintf(b, p.texts.left, f.Left)
	}
	if f.Left > 0 && f.Kind == sheet.KindStaff {
		fmt.Fprintf(b, p.texts.leftStaff, f.Left)
	}
}
