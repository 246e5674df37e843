package browser

// Spot is where somebody presses.
type Spot struct {
	X, Y    float64
	Problem string // why nobody can press there; "": somebody can
}

// Find looks for something to press: by a CSS selector or, as "=WORDS", by the words on
// it. What lies on top of it would be pressed instead, so that is a problem. Where
// pressing leads to another page, this one is marked: window.pressed is true if the
// thing matches leads, a CSS selector, and false otherwise.
func (b *Tab) Find(want, leads string) (Spot, error) {
	return TryEval[Spot](b, findScript, want, leads)
}

const findScript = `
const [want, leads] = args, words = (el) => el.innerText.replace(/\s+/g, " ").trim();
const all = [...document.querySelectorAll(want[0] === "=" ? "a, button, input, label, [role=button], summary" : want)]
  .filter((el) => el.checkVisibility({visibilityProperty: true}) && !el.disabled && (want[0] !== "=" || words(el).includes(want.slice(1))));
if (!all.length) return {Problem: "no such key"};
const el = all.find((el) => words(el) === want.slice(1)) ?? all[0];
if (document.scrollingElement.scrollHeight > innerHeight) el.scrollIntoView({block: "center"});
const r = el.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2, top = document.elementFromPoint(x, y);
if (!el.contains(top)) return {Problem: "under " + (top ? top.outerHTML.slice(0, 80) : "the edge of the screen")};
window.pressed = !!leads && el.matches(leads);
return {X: x, Y: y};`
