package center

import (
	"strconv"

	"yizhan/center/store"
)

// auditColumns are those of a file of acts: center.audit.column.WORD. The body is
// what was chained, as it is stored, so an act can be held against its hash.
var auditColumns = []string{"when", "who", "what", "kind", "where", "place", "number", "before", "after", "why", "body", "hash"}

func (c *console) auditCSV(a *ask) error  { return c.auditExport(a, "csv") }
func (c *console) auditXLSX(a *ask) error { return c.auditExport(a, "xlsx") }

// auditExport writes the list that a query asks for, up to maxAuditFile acts; of those
// done to volunteers it looks at maxAuditLooked to find the ones of an area.
func (c *console) auditExport(a *ask, ending string) error {
	return c.export(a, "audit", ending, func() (func(exportFile) error, error) {
		q := readAuditQuery(a.URL.Query())
		reader, err := c.auditor(a, &q)
		if err != nil {
			return nil, err
		}
		ask := q.asks(c.Zone, auditBatch)
		acts, next, err := reader.read(ask)
		return func(file exportFile) error { return c.writeAudit(a, file, reader, ask, acts, next) }, err
	})
}

func (c *console) writeAudit(a *ask, file exportFile, reader *auditor, ask store.ActQuery, acts []store.Act, next store.ActMark) (err error) {
	header := make([]string, len(auditColumns))
	for i, word := range auditColumns {
		if word == "where" && reader.people != nil {
			word = "person"
		}
		header[i] = c.text(a, "center.audit.column."+word)
	}
	err = file.row(header)
	for written := 0; err == nil; {
		for _, act := range acts {
			if err == nil {
				err = file.row(c.auditCells(reader.line(act)))
			}
		}
		written += len(acts)
		if err != nil || next == (store.ActMark{}) {
			break
		}
		if written >= maxAuditFile {
			return file.row([]string{c.text(a, "center.audit.cut", "n", written)})
		}
		if reader.looked >= maxAuditLooked {
			return file.row([]string{c.text(a, "center.audit.looked", "when", next.Made.In(c.Zone).Format("2006-01-02 15:04"))})
		}
		ask.Before = next
		acts, next, err = reader.read(ask)
	}
	return err
}

func (c *console) auditCells(l auditLine) []string {
	body := l.Text()
	return []string{l.Made.In(c.Zone).Format("2006-01-02 15:04:05.000"), l.Who, l.What, l.Kind, l.Where, l.Place, strconv.FormatUint(l.Seq, 10), l.Old, l.New, l.Why, body, l.Hash()}
}
