package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"yizhan/link"
)

// freeport NAME puts a free loopback address into the environment.
func freeport(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	defer l.Close()
	ts.Setenv(args[0], l.Addr().String())
}

// enrolbox ADDRESS FILE is a box that asks once to be enrolled, by the code that
// stands in the file. It writes how it was answered into FILE.box, and its
// fingerprint into the environment. A center that is about to start is waited for.
func enrolBox(ts *testscript.TestScript, neg bool, args []string) {
	_, rest, _ := strings.Cut(ts.ReadFile(args[1]), "一次性代码")
	seed := sha256.Sum256([]byte(args[1]))
	key := ed25519.NewKeyFromSeed(seed[:])
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	defer stop()
	pin, err := link.SeePin(ctx, args[0])
	for err != nil && ctx.Err() == nil {
		time.Sleep(20 * time.Millisecond)
		pin, err = link.SeePin(ctx, args[0])
	}
	ts.Check(err)
	r := link.EnrolRequest{Code: strings.Fields(rest)[0], Least: 1, Program: "test"}
	r.Sign(pin, key)
	a, err := link.Enrol(ctx, args[0], pin, r)
	if neg {
		if err == nil {
			ts.Fatalf("the box was answered %+v", a)
		}
		ts.Logf("%v", err)
		return
	}
	ts.Check(err)
	fingerprint := link.Fingerprint(key.Public().(ed25519.PublicKey), pin)
	ts.Setenv("FINGERPRINT", fingerprint)
	text := fmt.Sprintf("%s %s epoch %d %s\n", a.Kiosk, a.State, a.Epoch, fingerprint)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]+".box"), []byte(text), 0o600))
}
