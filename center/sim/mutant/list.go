package main

// rules are the files of package ledger that hold rules; every guard in them is
// taken away in turn.
var rules = []string{"ledger/account.go", "ledger/chain.go", "ledger/lot.go", "ledger/redemption.go", "ledger/right.go", "ledger/shelf.go"}

// skipped as what a guard becomes: the call that text is, which returns an error, is
// not made.
const skipped = "skipped"

// guard is one outside of those files.
type guard struct {
	file, function string
	text           string // of an expression, or of an if's head
	becomes        string // "": the condition never holds
	nth, of        int    // which one, of how many in the function; 0: there is one
	phones         bool   // only a world with phones can find it out
}

var listed = []guard{
	// Who owns which counter, and that they only grow.
	{file: "ledger/account.go", function: "Account.Allocate", text: "min(left, r.Spendable())", becomes: "left"},
	{file: "ledger/account.go", function: "Account.Grant", text: "max(r.Granted, p)", becomes: "p"},

	// A kiosk's book.
	{file: "kiosk/store/redeem.go", function: "Store.planReserve", text: "r.Quantity < 1 || r.Quantity > ledger.MaxQuantity"},
	{file: "kiosk/store/redeem.go", function: "Store.planReserve", text: "good.Price != r.Price"},
	{file: "kiosk/store/redeem.go", function: "Store.planReserve", text: "err := good.Shelf.CanHold(r.Quantity); err != nil"},
	{file: "kiosk/store/redeem.go", function: "Store.planReserve", text: "err := check(after, shelf); err != nil"},
	{file: "kiosk/store/redeem.go", function: "check", text: "err := a.Check(); err != nil"},
	{file: "kiosk/store/redeem.go", function: "tx.again", text: "key.IsZero()"},
	{file: "kiosk/store/redeem.go", function: "tx.again", text: "raw == nil", becomes: "true"},
	{file: "kiosk/store/redeem.go", function: "tx.again", text: "e.Body == nil || !same(e.Body)"},
	{file: "kiosk/store/redeem.go", function: "tx.servingStaff", text: "staff.Role != civic.RoleClerk && staff.Role != civic.RoleLeader"},
	{file: "kiosk/store/purse.go", function: "giving", text: "min(points, r.Spendable())", becomes: "points"},
	{file: "kiosk/store/purse.go", function: "Store.GiveBack", text: "account.Return(parts).Check()", becomes: skipped},
	{file: "kiosk/store/merge.go", function: "intake.takeGrant", text: "g.Epoch == t.state.Head.Epoch", becomes: "true"},
	{file: "kiosk/store/halt.go", function: "tx.halted", text: `t.state.Halt == ""`, becomes: "true"},
	{file: "kiosk/store/apply.go", function: "tx.settle", text: "err != nil"},
	{file: "kiosk/store/apply.go", function: "tx.cancel", text: "err != nil"},
	{file: "kiosk/store/apply.go", function: "tx.refund", text: "err != nil"},
	{file: "kiosk/store/expire.go", function: "expired", text: "n > 0", becomes: "true"},
	{file: "kiosk/store/work.go", function: "Store.stock", text: "g.Shelf.Check()", becomes: skipped},

	// What the link looks at.
	{file: "link/take.go", function: "passOver", text: "have != ledger.HashOf(fresh[0])"},
	{file: "link/take.go", function: "follow", text: "err != nil"},
	{file: "link/take.go", function: "follow", text: "!head.Verify(key, sig)"},
	{file: "link/center.go", function: "Center.greet", text: "h.Era == w.Era && h.Acked > w.Head.Seq"},
	{file: "link/center.go", function: "Center.greet", text: "own.Seq < w.Head.Seq || own.Seq == w.Head.Seq && own != w.Head"},

	// The center's chains.
	{file: "center/store/append.go", function: "run.check", text: "string(known) != string(hash[:])"},
	{file: "center/store/append.go", function: "run.check", text: "err == nil && e.Seq != seq"},
	{file: "center/store/append.go", function: "run.check", text: "err != nil", nth: 2, of: 3},
	{file: "center/store/append.go", function: "run.sign", text: "b.Head.Kiosk != b.Kiosk || b.Head.Epoch != b.Epoch"},
	{file: "center/store/append.go", function: "run.sign", text: "!b.Head.Verify(r.chain.PublicKey, b.Signature)"},
	{file: "center/store/append.go", function: "run.sign", text: "b.Head.Seq > r.head.Seq"},
	{file: "center/store/append.go", function: "run.sign", text: "hash != b.Head.Hash"},
	{file: "center/store/run.go", function: "run.redemption", text: "!found"},
	{file: "center/store/run.go", function: "run.step", text: "err != nil", nth: 3, of: 3},

	// The center's points.
	{file: "center/store/fold.go", function: "txn.fold", text: "err := account.Check(); err != nil"},
	{file: "center/store/fold.go", function: "txn.fold", text: "m.seq <= uint64(done)"},
	{file: "center/store/fold.go", function: "foldable", text: "c.State == ChainQuarantined"},
	{file: "center/store/fold.go", function: "foldable", text: "err == nil && k.Unreported && k.Epoch == epoch"},
	{file: "center/store/fold.go", function: "txn.settleRight", text: "min(lost, returned)", becomes: "0"},
	{file: "center/store/grant.go", function: "Store.grant", text: "err := s.whole(ctx); err != nil"},
	{file: "center/store/grantmany.go", function: "Store.grantMany", text: "err := s.whole(ctx); err != nil"},
	{file: "center/store/grant.go", function: "txn.grant", text: "max(0, min(want, total))", becomes: "want"},
	{file: "center/store/grant.go", function: "txn.grant", text: "err != nil || again", becomes: "err != nil"},
	{file: "center/store/grant.go", function: "txn.grant", text: "takeFree", becomes: `"UPDATE lot SET free = free WHERE volunteer = $1 AND expires = $2 AND free < free + $3 + 1"`},
	{file: "center/store/earn.go", function: "txn.earn", text: "known && bytes.Equal(old, body)"},
	{file: "center/store/earn.go", function: "txn.earn", text: "known", nth: 3, of: 3},
	{file: "center/store/earn.go", function: "Store.earnNoting", text: "key.IsZero()"},
	{file: "center/store/earn.go", function: "Store.earnNoting", text: "e.Points < 1"},
	{file: "center/store/earn.go", function: "Store.Expire", text: "err := s.whole(ctx); err != nil"},
	{file: "center/store/kiosk.go", function: "txn.serving", text: "err == nil && c.State != ChainOpen"},
	{file: "center/store/loss.go", function: "txn.closed", text: "epoch == k.Epoch && !k.Revoked"},
	{file: "center/store/loss.go", function: "Store.ConfirmWriteOff", text: `officer == "" || SamePerson(officer, by)`},
	{file: "center/store/loss.go", function: "txn.writeOff", text: "outstanding - lost[r.Expires]", becomes: "outstanding"},
	{file: "center/store/missing.go", function: "txn.free", text: "t.cover(expires, points)", becomes: skipped},
	{file: "center/store/earn.go", function: "txn.earn", text: "t.cover(e.Expires, e.Points)", becomes: skipped},
	{file: "center/store/restored.go", function: "Store.Report", text: "k.Epoch != epoch"},
	{file: "center/store/restored.go", function: "Store.Report", text: "g.Kiosk != kiosk"},
	{file: "center/store/restored.go", function: "txn.adopt", text: "lot.Granted - known[lot.Expires]", becomes: "lot.Granted"},
	{file: "center/store/missing.go", function: "txn.free", text: "t.recover(expires, now)", becomes: skipped},
	{file: "center/store/earn.go", function: "txn.earn", text: "t.recover(e.Expires, now)", becomes: skipped},
	{file: "center/store/fold.go", function: "txn.settleRight", text: "t.recover(after.Expires, now)", becomes: skipped},
	{file: "center/store/reverse.go", function: "Store.Reverse", text: "e.Points > -1"},
	{file: "center/store/reverse.go", function: "Store.Reverse", text: "key.IsZero()"},
	{file: "center/store/reverse.go", function: "Store.Reverse", text: "err := s.whole(ctx); err != nil"},
	{file: "center/store/reverse.go", function: "txn.reverse", text: "err == nil && -e.Points > left"},
	{file: "center/store/reverse.go", function: "txn.recover", text: "min(ledger.Points(free), r.Wanted())", becomes: "r.Wanted()"},
	{file: "center/store/reverse.go", function: "txn.take", text: "takeEarned", becomes: `"UPDATE lot SET earned = earned - $3 WHERE volunteer = $1 AND expires = $2"`},
	{file: "center/book.go", function: "Book.Greet", text: "h.Epoch < k.Epoch"},

	// An attendance counts once, and what is put aside comes back once, when its time is over.
	{file: "kiosk/store/checkin.go", function: "Store.mayCheck", text: "!out && a.Arrived() != 0 || out && a.Left() != 0", phones: true},
	{file: "kiosk/store/lapse.go", function: "lapsed", text: "r.Until > 0", becomes: "true", phones: true},
	{file: "kiosk/store/lapse.go", function: "lapsed", text: "r.Until < now", becomes: "true", phones: true},
}

// survivors are mutants that behave like the program, and why.
var survivors = map[string]string{
	"center/book Book.Greet: h.Epoch < k.Epoch": "such a box is refused as unknown then, by the next case",
	"ledger/chain Head.Next: err != nil":        "what cannot be read has no kiosk, so it is refused as another chain's",
	"ledger/chain Head.Next: e.Seq <= h.Seq":    "the center's store holds each entry against its place as well (run.check)",

	// A kiosk's book checks what it is asked for, then what would come of it.
	"kiosk/store/redeem Store.planReserve: r.Quantity < 1 || r.Quantity > ledger.MaxQuantity": "the shelf refuses it next (Shelf.CanHold)",
	"kiosk/store/redeem Store.planReserve: err := check(after, shelf); err != nil":            "Allocate and CanHold have refused all that it would",
	"kiosk/store/redeem check: err := a.Check(); err != nil":                                  "Allocate and the states of a redemption have refused all that it would",
	"kiosk/store/purse Store.GiveBack: account.Return(parts).Check()":                         "giving takes no more than is spendable",
	"kiosk/store/work Store.stock: g.Shelf.Check()":                                           "no entry can hold a stock below 0",
	"kiosk/store/apply tx.settle: err != nil":                                                 "the request was checked by the same rule before the entry was written",
	"kiosk/store/apply tx.cancel: err != nil":                                                 "the request was checked by the same rule before the entry was written",
	"kiosk/store/apply tx.refund: err != nil":                                                 "the request was checked by the same rule before the entry was written",

	// The link checks entries, and the center's store checks them again.
	"link/take passOver: have != ledger.HashOf(fresh[0])":                                      "the store refuses them (run.check)",
	"link/take follow: err != nil":                                                             "the store refuses them (run.check)",
	"link/take follow: !head.Verify(key, sig)":                                                 "the store refuses them (run.sign)",
	"link/center Center.greet: own.Seq < w.Head.Seq || own.Seq == w.Head.Seq && own != w.Head": "the kiosk's own end compares as well, and says Diverged",
	"center/store/append run.check: err == nil && e.Seq != seq":                                "the entry follows all the same; the number only says where it should stand",
	"center/store/append run.check: string(known) != string(hash[:])":                          "what follows such an entry has another past, and so has the signed head",
	"center/store/append run.check: err != nil (2 of 3)":                                       "the entry is passed over, and the signed head is not reached (run.sign)",
	"link/center Center.greet: h.Era == w.Era && h.Acked > w.Head.Seq":                         "mostly the kiosk is further in its documents too, and is refused for that",
	"center/store/append run.sign: b.Head.Kiosk != b.Kiosk || b.Head.Epoch != b.Epoch":         "the hash of the head is that of an entry, which names its chain",

	// These decide how much is granted or expires, not whether it is there.
	"center/store/grant txn.grant: max(0, min(want, total)) → want":    "more is granted than was asked for, never more than is free",
	"center/store/earn Store.Expire: err := s.whole(ctx); err != nil":  "points that a kiosk holds expire at the center, and are missing there: fewer, not more",
	"center/store/fold txn.settleRight: t.recover(after.Expires, now)": "it ends a reversal for which nothing can come any more; center/store has a test for it",
	"center/store/earn txn.earn: known (3 of 3)":                       "the table's primary key refuses it",
}
