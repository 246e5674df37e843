package demo

import (
	"yizhan/printer/sim"
)

// words say something in both languages of the page.
type words struct{ ZH, EN string }

// action is a button of the printer.
type action struct {
	Word string
	words
	Hint  words
	fault sim.Fault // 0: none that could wait for the next slip
	done  words     // what happened when it was pressed
}

// Words of the actions that are no fault of the simulated printer's.
const (
	wordMend    = "mend"
	wordNearEnd = "near"
)

// actions are all buttons. The first two are what the page is for.
var actions = []action{
	{"tear", words{"撕断纸", "Tear the paper out"}, words{"连纸卷一起扯出来", "the roll comes with it"}, sim.TearOut,
		words{"纸被扯断，纸卷也出来了", "the paper was torn out"}},
	{wordMend, words{"修好", "Mend"}, words{"装新纸、合盖、插线、松开", "new paper, cover, plug, line"}, 0,
		words{"修好了", "mended"}},
	{"cover", words{"打开盖子", "Open the cover"}, words{}, sim.CoverOpen, words{"盖子打开了", "the cover was opened"}},
	{"power", words{"断一下电", "Cut the power briefly"}, words{}, sim.PowerCycle, words{"断了一下电，内存清空", "the power was cut for a moment"}},
	{"unplug", words{"拔掉线", "Unplug"}, words{}, sim.Unplug, words{"线拔掉了", "it was unplugged"}},
	{"stall", words{"卡住线路", "Hold the line"}, words{}, sim.Stall, words{"线路卡住了", "the line was held"}},
	{"noise", words{"线上杂音", "Noise on the line"}, words{}, sim.Garbage, words{"线上来了一阵杂音", "there was noise on the line"}},
	{wordNearEnd, words{"纸快用完", "Paper near its end"}, words{}, 0, words{"纸卷快到头了", "the roll is near its end"}},
}

func actionOf(word string) (action, bool) {
	for _, a := range actions {
		if a.Word == word {
			return a, true
		}
	}
	return action{}, false
}

// choice is one of several buttons of which one is pressed in.
type choice struct {
	Value int
	words
	Hint string
}

var levels = []choice{
	{int(sim.Mute), words{"L0 不回话", "mute"}, "never answers 从不回答"},
	{int(sim.Status), words{"L1 报状态", "status"}, "DLE EOT"},
	{int(sim.Fence), words{"L2 按序答", "fence"}, "GS r 1"},
	{int(sim.Confirmed), words{"L3 打完答", "confirmed"}, "GS ( H"},
}

// speeds are in baud.
var speeds = []choice{
	{9600, words{"9600", "slow"}, "11 cm 小票约 1 秒 a receipt takes a second"},
	{115200, words{"115200", "fast"}, "多数 USB 打印机 most USB printers"},
	{0, words{"不限", "at once"}, "as fast as bytes come"},
}

// state is what the page says about the printer.
type state struct {
	Tiles []tile
	Held  int // bytes that wait in the printer
	Armed words
	Last  words
	Level int
	Baud  int
}

// tile is one part of the printer, as a shape and words.
type tile struct {
	Icon string // ok, warn or error: round, triangle, octagon
	words
}

func newState(c sim.Condition, level sim.Level, baud int, last string) state {
	s := state{Tiles: []tile{paperTile(c), coverTile(c), powerTile(c), lineTile(c)}, Held: c.Held, Level: int(level), Baud: baud}
	for _, a := range actions {
		if c.Armed != 0 && c.Armed == a.fault {
			s.Armed = a.words
		}
		if a.Word == last {
			s.Last = a.done
		}
	}
	return s
}

func paperTile(c sim.Condition) tile {
	switch {
	case c.PaperOut:
		return tile{"error", words{"没纸了", "no paper"}}
	case c.NearEnd:
		return tile{"warn", words{"纸快用完", "paper near its end"}}
	}
	return tile{"ok", words{"有纸", "paper there"}}
}

func coverTile(c sim.Condition) tile {
	if c.CoverOpen {
		return tile{"error", words{"盖子开着", "cover open"}}
	}
	return tile{"ok", words{"盖子合好", "cover closed"}}
}

func powerTile(c sim.Condition) tile {
	if c.PowerCycles > 0 {
		return tile{"warn", words{"断过电", "power was cut"}}
	}
	return tile{"ok", words{"有电", "power on"}}
}

func lineTile(c sim.Condition) tile {
	switch {
	case c.Unplugged:
		return tile{"error", words{"线拔了", "unplugged"}}
	case c.Stalled:
		return tile{"error", words{"线路卡住", "line held"}}
	}
	return tile{"ok", words{"线路通", "line clear"}}
}
