package issuer

import (
	"errors"
	"fmt"
	"strconv"

	"yizhan/civic/sheet"
)

// rejectedFile writes the rows that were left out, once there is one. With no
// path it writes nothing.
type rejectedFile struct {
	path string
	out  *sheet.RejectedWriter
}

func (r *rejectedFile) write(rej sheet.Rejection) (err error) {
	if r.path == "" {
		return nil
	}
	if r.out == nil {
		if r.out, err = sheet.NewRejectedWriter(r.path); err != nil {
			return err
		}
	}
	return r.out.Write(rej)
}

// close finishes the file; a second call does nothing.
func (r *rejectedFile) close() error {
	if r.out == nil {
		return nil
	}
	out := r.out
	r.out = nil
	return out.Close()
}

// rejectRow keeps a rejection of the reader for the preview, and its row for the
// spreadsheet.
func (r *run) rejectRow(file *File, rej sheet.Rejection) error {
	if err := r.rejected.write(rej); err != nil {
		return err
	}
	rej.Header, rej.Cells = nil, nil // a messy roster has many
	file.Rejected = append(file.Rejected, rej)
	return nil
}

// rejectLate keeps a rejection of ours. The reader had accepted the row, so it
// is written in our own columns, behind those of the reader.
func (r *run) rejectLate(file *File, rej sheet.Rejection, header []string, cells func() []string) {
	file.Rejected = append(file.Rejected, rej)
	if r.rejected.path != "" {
		rej.Header, rej.Cells = header, cells()
		r.late = append(r.late, rej)
	}
}

// finish takes over what the reader of a list found. A file that was refused
// as a whole is no error of ours.
func (r *run) finish(f *File, s sheet.Summary, err error) error {
	f.Notices = append(f.Notices, s.Notices...)
	f.Accepted = s.Accepted + s.Rejected - len(f.Rejected)
	var refused *sheet.Error
	if errors.As(err, &refused) {
		f.Refused, f.Accepted = refused, 0
	} else if err != nil {
		return fmt.Errorf("reading %s: %w", f.File, err)
	}
	for _, rej := range r.late {
		if err := r.rejected.write(rej); err != nil {
			return err
		}
	}
	r.late = nil
	return nil
}

// The columns in which rows that we reject are written. The readers know them
// all, so the file can be mended and given in again.
var (
	personColumns  = []string{"姓名", "志愿者编号", "证件类型", "证件号码", "手机", "时长(分钟)", "积分", "有效期"}
	itemColumns    = []string{"编码", "物品名称", "英文名称", "规格", "单位", "分类", "所需积分", "库存", "限兑", "图片", "捐赠方", "保质期"}
	officerColumns = []string{"姓名", "编号", "岗位", "手机"}
)

func personCells(p sheet.Person) []string {
	return []string{p.Name, p.Number, p.IDType, p.IDNumber, p.Phone, number(p.Minutes, p.HasMinutes), number(p.Points, p.HasPoints), date(p.Expires)}
}

func itemCells(i sheet.Item) []string {
	return []string{i.Code, i.Name, i.NameEN, i.Size, i.Unit, i.Category, number(i.Price, true), number(i.Stock, i.HasStock),
		number(i.Limit, i.HasLimit), i.Picture, i.Donor, date(i.BestBefore)}
}

func officerCells(o sheet.Officer) []string { return []string{o.Name, o.Number, o.Role, o.Phone} }

func number(n int64, given bool) string {
	if !given {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func date(d sheet.Date) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}
