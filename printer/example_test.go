package printer_test

import (
	"fmt"

	"yizhan/printer"
	"yizhan/printer/sim"
)

// A slip is composed, encoded for a printer and sent to it. Here the printer is a
// simulated one; a real one is a Port, and Send takes the same bytes.
func Example() {
	slip := printer.Slip{
		printer.Text("石桥村益栈").Centre().Big(),
		printer.Rule(),
		printer.Pair("东北大米 5公斤 ×1", "280 分").Bold(),
		printer.Pair("换后积分", "980 分"),
		printer.Cut(),
	}
	stream, err := printer.Encode(slip, printer.Profile58)
	if err != nil {
		fmt.Println(err)
		return
	}
	paper := sim.New(sim.Options{
		Profile: printer.Profile58,
		OnPaper: func(p sim.Paper) { fmt.Println(p.Text()) },
	})
	paper.Write(stream)
	// Output:
	//       石桥村益栈
	// ────────────────
	// 东北大米 5公斤 ×1        280 分
	// 换后积分                  980 分
}
