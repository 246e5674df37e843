package center

import (
	"strconv"

	"yizhan/center/store"
	"yizhan/ledger"
)

// redemptionColumns are those of a file of redemptions: center.redemptions.column.WORD.
var redemptionColumns = []string{"number", "when", "clock", "where", "kiosk", "who", "account", "what", "good", "pieces", "points", "claim", "state", "slip", "copies", "voided"}

func (c *console) redemptionsCSV(a *ask) error  { return c.redemptionsExport(a, "csv") }
func (c *console) redemptionsXLSX(a *ask) error { return c.redemptionsExport(a, "xlsx") }

// redemptionsExport writes the list that a query asks for, up to maxRedeemed of them.
func (c *console) redemptionsExport(a *ask, ending string) error {
	return c.export(a, "redemptions", ending, func() (func(exportFile) error, error) {
		r, err := c.redemptionReader(a, readRedemptionsQuery(a.URL.Query()))
		if err != nil {
			return nil, err
		}
		if r.problem != "" {
			return nil, errForm
		}
		ask := r.asks(redeemedBatch)
		list, next, err := c.Store.Redemptions(a.Context(), ask)
		return func(file exportFile) error { return c.writeRedemptions(a, file, r, ask, list, next) }, err
	})
}

func (c *console) writeRedemptions(a *ask, file exportFile, r *redemptionReader, ask store.RedemptionQuery, list []store.Redeemed, next store.RedemptionMark) (err error) {
	header := make([]string, len(redemptionColumns))
	for i, word := range redemptionColumns {
		header[i] = c.text(a, "center.redemptions.column."+word)
	}
	err = file.row(header)
	for written := 0; err == nil; {
		rows, failed := r.rows(list)
		for _, row := range rows {
			if failed == nil {
				failed = file.row(c.redemptionCells(a, row))
			}
		}
		if written += len(list); failed != nil || next == (store.RedemptionMark{}) {
			return failed
		}
		if written >= maxRedeemed {
			return file.row([]string{c.text(a, "center.redemptions.cut", "n", written)})
		}
		ask.Before = next
		list, next, err = c.Store.Redemptions(a.Context(), ask)
	}
	return err
}

func (c *console) redemptionCells(a *ask, r redemptionRow) []string {
	clock := ""
	if r.Unsure {
		clock = c.text(a, "center.redemptions.unsure")
	}
	return []string{r.Number, r.On.In(c.Zone).Format("2006-01-02 15:04:05"), clock, r.Where, r.Kiosk, r.Who, r.Volunteer.String(), r.What, r.Good,
		strconv.FormatInt(r.Quantity, 10), strconv.FormatInt(int64(r.Points), 10), ledger.ClaimText(r.Claim), c.text(a, "center.redeemed."+r.Word),
		c.text(a, "center.slip."+r.Paper), strconv.FormatInt(r.Slip.Copies, 10), strconv.FormatInt(r.Slip.Voided, 10)}
}
