package main

import (
	"bufio"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"yizhan/ledger"
)

type receiptCommand struct {
	Verify receiptVerify `cmd:"" help:"Check the text of a receipt's QR code, offline."`
}

// receiptVerify needs the kiosk's public key and nothing else.
type receiptVerify struct {
	Key  publicKey `required:"" help:"Public key of the kiosk, as 'yizhan verify' and the kiosk's start print it."`
	JSON bool      `help:"Print the entry as JSON."`
	Text string    `arg:"" optional:"" help:"What the QR code says (YZ1:...). Read from standard input when left out."`
}

// publicKey is an Ed25519 key in base64 on the command line.
type publicKey ed25519.PublicKey

// UnmarshalText reads 32 bytes in base64.
func (k *publicKey) UnmarshalText(text []byte) error {
	b, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil || len(b) != ed25519.PublicKeySize {
		return errors.New("a public key is 44 characters of base64, such as the one that 'yizhan verify' prints")
	}
	*k = publicKey(b)
	return nil
}

func (k publicKey) String() string { return base64.StdEncoding.EncodeToString(k) }

// Run prints what the receipt says, or fails when it is not genuine.
func (c *receiptVerify) Run(w *world) error {
	text := c.Text
	if text == "" {
		line, err := bufio.NewReader(io.LimitReader(w.stdin, 2*ledger.MaxEntryBytes)).ReadString('\n')
		if err != nil && err != io.EOF {
			return fmt.Errorf("reading the receipt: %w", err)
		}
		text = strings.TrimSpace(line)
	}
	entry, err := ledger.VerifyReceipt(text, ed25519.PublicKey(c.Key))
	if err != nil {
		return err
	}
	if c.JSON {
		out := json.NewEncoder(w.stdout)
		out.SetIndent("", "  ")
		return out.Encode(entry)
	}
	return printReceipt(w.stdout, entry)
}

// printReceipt writes a genuine entry for people.
func printReceipt(w io.Writer, e ledger.Entry) error {
	var b strings.Builder
	fmt.Fprintf(&b, "genuine 真票: kiosk %s, number %d (epoch %d), %s\n", e.Kiosk, e.Seq, e.Epoch, time.UnixMilli(e.WallMS).Format(time.DateTime))
	if r, ok := e.Body.(ledger.Reserve); ok {
		fmt.Fprintf(&b, "volunteer %v, good %s x %d, collection code %s\n", r.Volunteer, r.Good, r.Quantity, ledger.ClaimText(r.Claim))
		for _, p := range r.Parts {
			fmt.Fprintf(&b, "  %d points of the lot that expires on %v\n", p.Points, p.Expires)
		}
		fmt.Fprintf(&b, "  %d points in all, %d left at that kiosk\n", ledger.Sum(r.Parts), r.Balance)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
