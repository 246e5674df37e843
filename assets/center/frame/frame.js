// The one script of the console. Everything works without it; with it "/" leads to
// the search, and what a page marks by data-again is kept up to date.
(() => {
  "use strict";
  const every = 5000, find = document.getElementById("find");

  addEventListener("keydown", (e) => {
    if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || !find || e.target.closest("input, select, textarea")) return;
    e.preventDefault();
    find.focus();
    find.select();
  });

  const part = document.querySelector("[data-again]"), gone = document.getElementById("gone");
  if (!part) return;

  // Who types into the part, or has ticked something there, keeps it.
  const busy = () => part.querySelector("input:checked") || part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea");

  // The part as the center has it now goes in the old one's place; the focus stays on
  // the same link.
  async function renew() {
    if (document.hidden || busy()) return;
    const url = new URL(part.dataset.again, location.href);
    url.searchParams.set("poll", "1");
    const answer = await fetch(url, {headers: {Accept: "text/html"}}).catch(() => null);
    if (answer?.status === 401) return location.reload(); // the session is over
    gone.hidden = !!answer?.ok;
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-again]");
    if (!fresh || busy() || fresh.innerHTML === part.innerHTML) return;
    part.dataset.every = fresh.dataset.every ?? every;
    const at = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    part.replaceChildren(...fresh.childNodes);
    if (at) [...part.querySelectorAll("a")].find((a) => a.getAttribute("href") === at)?.focus();
  }

  (async () => {
    for (;;) {
      await new Promise((wake) => setTimeout(wake, part.dataset.every ?? every));
      await renew();
    }
  })();
})();
