package screentest

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"yizhan/printer/sim"
)

// waiting confirms a redemption whose slip stops halfway, and stands on its page.
func waiting(t *testing.T) *tab {
	t.Helper()
	v := signedIn(t, tall).visit("/redeem/G01").on("/redeem/G01")
	v.printer.FailAtDots(60, sim.Stall)
	v.tap(confirmKey).on("/done/").sees(says(t, "done.wait_slip"))
	v.within(stepLimit, "the printer to stop", func() bool { return v.printer.Condition().Stalled })
	eval[chromedp.Void](v, "window.stays = true")
	return v
}

// When the slip has come out the page says so, and is the same page: a browser that
// loads one anew forgets a finger.
func TestThePageStaysWhenTheSlipComes(t *testing.T) {
	v := waiting(t)
	v.printer.Mend()
	v.paper(1)
	v.sees(says(t, "done.take_slip"))
	if !eval[bool](v, "return window.stays === true") {
		t.Error("the page was loaded again")
	}
	v.tap("form[action='/leave'] .main").on("/")
}

// A key that a finger is on does not go from under it.
func TestTheSlipComesUnderAFinger(t *testing.T) {
	v := waiting(t)
	key := v.find("form[action='/leave'] .main", true)
	touch := func(kind input.DispatchTouchEventType, at ...*input.TouchPoint) {
		t.Helper()
		v.Do(string(kind), chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: append([]*input.TouchPoint{}, at...)})
			return err
		}))
	}
	touch(input.DispatchTouchEventTypeTouchStart, &input.TouchPoint{X: key.X, Y: key.Y})
	v.printer.Mend()
	v.paper(1)
	time.Sleep(500 * time.Millisecond) // nothing happens, for as long as the page would need
	v.sees(says(t, "done.wait_slip"))
	touch(input.DispatchTouchEventTypeTouchEnd)
	v.on("/")
}
