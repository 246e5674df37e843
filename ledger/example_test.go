package ledger_test

import (
	"crypto/ed25519"
	"errors"
	"fmt"

	"yizhan/ledger"
)

// day is for dates that are known to be right.
func day(s string) ledger.Day {
	d, err := ledger.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

// The earliest lot is spent first, so that as little as possible expires.
func ExampleAccount_Allocate() {
	account := ledger.Account{}.
		Grant(day("2027-06-30"), 100).
		Grant(day("2026-12-31"), 40)

	parts, err := account.Allocate(60)
	fmt.Println(parts, err)

	_, err = account.Allocate(141)
	fmt.Println(errors.Is(err, ledger.ErrNotEnough))
	// Output:
	// [{2026-12-31 40} {2027-06-30 20}] <nil>
	// true
}

// A redemption takes points and goods aside, and then either both go or both
// come back.
func ExampleRedemption() {
	account := ledger.Account{}.Grant(day("2026-12-31"), 100)
	shelf := ledger.Shelf{Delivered: 3}

	parts, _ := account.Allocate(60)
	reserve := ledger.Reserve{Good: "rice-5kg", Quantity: 1, Parts: parts}
	if err := shelf.CanHold(reserve.Quantity); err != nil {
		fmt.Println(err)
	}
	account, shelf = reserve.Apply(account, shelf)
	fmt.Println("reserved: ", account.Spendable(), "points,", shelf.Available(), "bags to be had,", shelf.OnHand(), "on the shelf")

	redemption := ledger.Redemption{Reserve: reserve, Seq: 1, State: ledger.Reserved}
	redemption, account, shelf, _ = redemption.Settle(account, shelf)
	fmt.Println("settled:  ", account.Spendable(), "points,", shelf.Available(), "bags to be had,", shelf.OnHand(), "on the shelf")

	_, _, _, err := redemption.Cancel(account, shelf)
	fmt.Println(err)

	_, account, shelf, _ = redemption.Refund(account, shelf, true)
	fmt.Println("refunded: ", account.Spendable(), "points,", shelf.Available(), "bags to be had,", shelf.OnHand(), "on the shelf")
	// Output:
	// reserved:  40 points, 2 bags to be had, 3 on the shelf
	// settled:   40 points, 2 bags to be had, 2 on the shelf
	// ledger: the redemption is not in a state for this: cancelling what is settled
	// refunded:  100 points, 3 bags to be had, 3 on the shelf
}

// The center grants what is free; what a kiosk gives back is free again.
func ExampleLot() {
	lot := ledger.Lot{Expires: day("2026-12-31"), Earned: 100}
	lot, _ = lot.Grant("XI-07", 100)
	_, err := lot.Grant("XI-08", 30)
	fmt.Println(err)

	lot = lot.Observe("XI-07", ledger.Right{Granted: 100, Spent: 25, Returned: 30})
	lot = lot.Observe("XI-07", ledger.Right{Granted: 100, Spent: 10}) // a late report
	lot, err = lot.Grant("XI-08", 30)
	fmt.Println(lot.At["XI-07"].Spendable(), lot.At["XI-08"].Spendable(), lot.Free(), err)
	// Output:
	// ledger: not enough points: granting 30 of 0 free
	// 45 30 0 <nil>
}

// A kiosk's journal is a chain: each entry names the bytes before it.
func ExampleHead_Next() {
	head := ledger.Head{Kiosk: "XI-07", Epoch: 1}
	for _, text := range []string{"0.1.0", "0.1.1"} {
		encoded, err := ledger.Entry{
			Kiosk: head.Kiosk, Epoch: head.Epoch, Seq: head.Seq + 1, Prev: head.Hash,
			Body: ledger.Device{Event: ledger.DeviceStart, Text: text},
		}.Encode()
		if err != nil {
			fmt.Println(err)
		}
		next, entry, err := head.Next(encoded)
		fmt.Println(next.Seq, entry.Body, err)
		_, _, err = next.Next(encoded)
		fmt.Println(errors.Is(err, ledger.ErrFork))
		head = next
	}
	// Output:
	// 1 {1 0.1.0} <nil>
	// true
	// 2 {1 0.1.1} <nil>
	// true
}

// A receipt proves itself: its QR code holds the signed entry, and whoever has
// the kiosk's public key can check it without any network.
func ExampleVerifyReceipt() {
	private := ed25519.NewKeyFromSeed([]byte("a kiosk's seed, of 32 bytes long"))
	encoded, _ := ledger.Entry{
		Kiosk: "XI-07", Epoch: 1, Seq: 1,
		Body: ledger.Reserve{
			Good: "rice-5kg", Quantity: 1, Claim: 37,
			Parts: []ledger.Part{{Expires: day("2026-12-31"), Points: 60}},
		},
	}.Encode()
	text, err := ledger.SignReceipt(encoded, private)
	fmt.Println(text[:4], len(text), err)

	entry, err := ledger.VerifyReceipt(text, private.Public().(ed25519.PublicKey))
	reserve := entry.Body.(ledger.Reserve)
	fmt.Println(reserve.Good, ledger.Sum(reserve.Parts), ledger.ClaimText(reserve.Claim), err)

	stranger := ed25519.NewKeyFromSeed([]byte("someone else's seed, also of 32b"))
	_, err = ledger.VerifyReceipt(text, stranger.Public().(ed25519.PublicKey))
	fmt.Println(err)
	// Output:
	// YZ1: 248 <nil>
	// rice-5kg 60 A037 <nil>
	// ledger: not a genuine receipt: the signature is not that of kiosk XI-07
}
