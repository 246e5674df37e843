// The body of a function of one argument, a list of texts that stay in their own
// language: what a careful eye would find wrong with the page that is shown.
const words = args[0], lang = document.documentElement.lang, found = new Set();
const name = (el) => `<${el.tagName.toLowerCase()} class="${el.className?.baseVal ?? el.className}"> “${el.textContent.replace(/\s+/g, " ").trim().slice(0, 40)}”`;
const page = document.scrollingElement;
if (page.scrollWidth > innerWidth) found.add(`wider than the window: ${page.scrollWidth} on ${innerWidth}`);
const shown = (el) => el.checkVisibility({visibilityProperty: true, opacityProperty: true}) && el.getClientRects().length > 0;
const unseen = (el) => el.closest(".unseen, .skip");

const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node; (node = walker.nextNode());) {
  const el = node.parentElement, text = node.textContent.replace(/\s+/g, " ").trim();
  if (!text || el.closest("script, style, noscript") || !shown(el)) continue;
  if (/⟦|\{[a-z_]+[:}]|%!/.test(text)) found.add(`text missing: ${name(el)}`);
  if (lang === "en" && !el.closest("[lang^=zh]")) {
    const left = words.reduce((rest, word) => rest.replaceAll(word, ""), text);
    if (/\p{Script=Han}/u.test(left)) found.add(`not translated: ${name(el)} ${left}`);
  }
  if (unseen(el)) continue;
  if (parseFloat(getComputedStyle(el).fontSize) < 12) found.add(`small text: ${name(el)}`);
  const range = document.createRange();
  range.selectNodeContents(node);
  for (const r of range.getClientRects()) {
    if (r.width < 1) continue;
    if (r.left < -1 || r.right > innerWidth + 1) found.add(`beside the window: ${name(el)}`);
    for (let up = el; up && up !== document.body; up = up.parentElement) {
      const o = getComputedStyle(up).overflowX, box = up.getBoundingClientRect();
      if (o !== "visible" && (r.left < box.left - 1 || r.right > box.right + 1)) found.add(`cut or to be scrolled: ${name(el)} in ${name(up)}`);
      if (up.matches(".panel, .alert, .key, .notice") && (r.left < box.left - 1 || r.right > box.right + 1 || r.bottom > box.bottom + 3)) found.add(`over its edge: ${name(el)} in ${name(up)}`);
    }
  }
}
for (const el of document.querySelectorAll("[style]")) if (!el.closest("svg, .uplot")) found.add(`a style in the page: ${name(el)}`);
return [...found];
