// The body of a function of one argument, {inches, lang, words}: what a person with
// a ruler would find wrong with the page that is shown. inches is the diagonal of
// the screen, lang the language chosen, and words are texts that come from
// documents and so stay in their own language.
const {inches, lang, words} = args[0];
const mm = Math.hypot(innerWidth, innerHeight) / (inches * 25.4);
const found = new Set();
const round = (n) => Math.round(n * 10) / 10;
const box = (r) => `${round(r.left)},${round(r.top)} to ${round(r.right)},${round(r.bottom)}`;
const name = (el) => {
  const id = el.id ? "#" + el.id : "", classes = [...el.classList].map((c) => "." + c).join("");
  return `<${el.tagName.toLowerCase()}${id}${classes}> “${(el.textContent || el.getAttribute("aria-label") || "").replace(/\s+/g, " ").trim().slice(0, 30)}”`;
};
const say = (what, el, more) => found.add(`${what}: ${name(el)} ${more}`);
const shown = (el) => el.checkVisibility({visibilityProperty: true, opacityProperty: true}) && el.getClientRects().length > 0;
const overlap = (a, b) => Math.min(Math.min(a.right, b.right) - Math.max(a.left, b.left), Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
const outside = (r, frame, x, y) => r.left < frame.left - x || r.right > frame.right + x || r.top < frame.top - y || r.bottom > frame.bottom + y;
const glass = {left: 0, top: 0, right: innerWidth, bottom: innerHeight};
// Pictures of paper are too small to be read on purpose; what they say stands
// beside them in full size. Nothing else is excused.
const picture = (el) => el.closest(".show .receipt, svg");
// A dialog covers the page, which then need not be free to press.
const veil = document.querySelector(".veil");
const live = (el) => !veil || veil.contains(el);

// The layout believes in the right millimetre.
const probe = document.createElement("div");
probe.style.cssText = "position: absolute; width: calc(var(--mm) * 100)";
document.body.append(probe);
const believed = probe.getBoundingClientRect().width / 100;
probe.remove();
if (Math.abs(believed / mm - 1) > .005) found.add(`millimetre: --mm is ${believed} px, the glass has ${mm} px in a millimetre`);

const page = document.scrollingElement;
if (page.scrollWidth > innerWidth || page.scrollHeight > innerHeight) found.add(`scrolls: the page is ${page.scrollWidth}x${page.scrollHeight} px on ${innerWidth}x${innerHeight}`);

// Keys: large enough, on the glass, and nothing lies on them.
const keys = [...document.querySelectorAll("a, button, input, select, textarea, summary, [role=button]")].filter((el) => el.type !== "hidden" && shown(el));
const dock = document.querySelector(".dock");
for (const el of keys) {
  const r = el.getBoundingClientRect(), least = el.closest(".pad") ? 22 : 20, tall = el.classList.contains("main") ? 26 : least;
  if (r.width / mm < least * .995 || r.height / mm < tall * .995) say("small key", el, `is ${round(r.width / mm)}x${round(r.height / mm)} mm, want ${least}x${tall}`);
  if (outside(r, glass, .5, .5)) say("off the glass", el, box(r));
  if (dock && !dock.contains(el) && live(el) && !veil && overlap(r, dock.getBoundingClientRect()) > .5) say("on the dock", el, box(r));
  const top = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
  if (live(el) && top !== el && !el.contains(top)) say("covered", el, `by ${top ? name(top) : "nothing that is shown"}`);
}
for (const [i, a] of keys.entries()) for (const b of keys.slice(i + 1)) {
  if (!a.contains(b) && !b.contains(a) && live(a) === live(b) && overlap(a.getBoundingClientRect(), b.getBoundingClientRect()) > .5) say("keys overlap", a, `and ${name(b)}`);
}

// Text: large enough, inside the paper it stands on, not cut, not on other text.
const painted = (el) => {
  const s = getComputedStyle(el);
  return s.backgroundColor !== "rgba(0, 0, 0, 0)" || s.backgroundImage !== "none" || parseFloat(s.borderLeftWidth) > 0 && s.borderLeftStyle !== "none";
};
// What is cut down to a dot is there for screen readers alone.
const unseen = (el) => {
  for (let up = el; up && up !== document.body; up = up.parentElement) {
    const r = up.getBoundingClientRect();
    if (clips(up) && r.width <= 2 && r.height <= 2) return true;
  }
  return false;
};
const clips = (el) => /hidden|clip|auto|scroll/.test(getComputedStyle(el).overflow);
const shortened = (el) => el.closest(".station") && getComputedStyle(el).textOverflow === "ellipsis";
const lines = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node; (node = walker.nextNode());) {
  const el = node.parentElement, text = node.textContent.replace(/\s+/g, " ").trim();
  if (!text || el.closest("script, style, noscript, textarea, code, .numbers") || !shown(el)) continue;
  const size = parseFloat(getComputedStyle(el).fontSize);
  if (/⟦|\{[a-z_]+[:}]/.test(text)) say("text missing", el, text);
  if (lang === "en" && !el.closest("[lang^=zh]")) {
    const left = words.reduce((rest, word) => rest.replaceAll(word, ""), text);
    if (/\p{Script=Han}/u.test(left)) say("not translated", el, left);
  }
  if (picture(el) || unseen(el)) continue;
  if (size / mm < 5 * .995) say("small text", el, `is ${round(size / mm)} mm`);
  const range = document.createRange();
  range.selectNodeContents(node);
  for (const line of range.getClientRects()) {
    if (line.width < 1) continue;
    // Fonts for Chinese make a line half as high again as its characters.
    const middle = (line.top + line.bottom) / 2, r = {left: line.left, right: line.right, top: middle - size / 2, bottom: middle + size / 2};
    if (shortened(el)) r.right = Math.min(r.right, el.getBoundingClientRect().right);
    lines.push({el, r, text});
    if (outside(r, glass, 1, 0)) say("text off the glass", el, box(r));
    if (dock && !veil && !dock.contains(el) && overlap(r, dock.getBoundingClientRect()) > 1) say("text on the dock", el, box(r));
    for (const part of [-.35, 0, .35]) { // a page is drawn from top to bottom: what comes later may lie on half a line
      let top = document.elementFromPoint((r.left + r.right) / 2, middle + part * size);
      while (top && !top.contains(el) && !painted(top)) top = top.parentElement;
      if (top && live(el) && !el.contains(top) && !top.contains(el)) say("text covered", el, `by ${name(top)}`);
    }
    let paper = null;
    for (let up = el; up && up !== document.body; up = up.parentElement) {
      if (!paper && painted(up)) paper = up;
      if (clips(up) && outside(r, up.getBoundingClientRect(), 1, size * .05)) say("text cut", el, `${box(r)} in ${name(up)} ${box(up.getBoundingClientRect())}`);
    }
    if (paper && getComputedStyle(paper).display !== "inline" && outside(r, paper.getBoundingClientRect(), 1, size * .05)) say("text beside its paper", el, `${box(r)} on ${name(paper)} ${box(paper.getBoundingClientRect())}`);
  }
  if (clips(el) && !shortened(el) && el.scrollWidth > el.clientWidth + 1) say("text cut", el, `${el.scrollWidth} px in ${el.clientWidth}`);
}
for (const [i, a] of lines.entries()) for (const b of lines.slice(i + 1)) {
  if (a.el !== b.el && live(a.el) === live(b.el) && !a.el.contains(b.el) && !b.el.contains(a.el) && overlap(a.r, b.r) > 1) say("text on text", a.el, `${box(a.r)} and “${b.text.slice(0, 20)}” ${box(b.r)}`);
}

// Pictures are there, and nothing that is drawn stands off the glass.
for (const el of document.querySelectorAll("img")) {
  if (shown(el) && !(el.complete && el.naturalWidth > 0)) say("no picture", el, el.src);
}
for (const el of document.querySelectorAll("body *")) {
  if (el.closest("svg") && el.tagName !== "svg" || !shown(el) || picture(el) || el.closest(".show, .shot, .hello, .sheet-out, .numbers")) continue;
  const r = el.getBoundingClientRect();
  if (r.width && r.height && outside(r, glass, 1, 1)) say("off the glass", el, box(r));
}
return [...found];
