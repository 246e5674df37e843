package ledger

// Kind says what an entry records.
type Kind uint8

// The kinds of the design, and those that a roster, an objection, a claimed post, a
// phone's first sign-in and a certificate need. Order and rate entries have no body here yet; a decoder refuses them.
const (
	KindReserve  Kind = 1
	KindSettle   Kind = 2
	KindCancel   Kind = 3
	KindRefund   Kind = 4
	KindReturn   Kind = 5
	KindCheckIn  Kind = 6
	KindCheckOut Kind = 7
	KindStock    Kind = 8
	KindRegister Kind = 9
	KindPrint    Kind = 12
	KindStaff    Kind = 13
	KindDevice   Kind = 14
	KindConfirm  Kind = 15
	KindObject   Kind = 16
	KindEnlist   Kind = 17
	KindTicket   Kind = 18

	KindCertificate Kind = 19
)

// Body is what one kind of entry says. The types of this package are the only
// implementations. Each stands beside its encoding and its decoder, which hold
// the same fields in the order of the struct.
type Body interface {
	Kind() Kind
	encode(*writer)
}

// body reads the body of the given kind.
func (r *reader) body(kind Kind) Body {
	switch kind {
	case KindReserve:
		return r.reserve()
	case KindSettle:
		return r.settle()
	case KindCancel:
		return r.cancel()
	case KindRefund:
		return r.refund()
	case KindReturn:
		return r.giveBack()
	case KindCheckIn:
		return CheckIn{r.check()}
	case KindCheckOut:
		return CheckOut{r.check()}
	case KindStock:
		return r.stock()
	case KindRegister:
		return r.register()
	case KindPrint:
		return r.print()
	case KindStaff:
		return r.staff()
	case KindDevice:
		return r.device()
	case KindConfirm:
		return r.confirm()
	case KindObject:
		return r.object()
	case KindEnlist:
		return r.enlist()
	case KindTicket:
		return r.ticket()
	case KindCertificate:
		return r.certificate()
	}
	r.fail("kind", "is not known")
	return nil
}
