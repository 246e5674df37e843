// The one script of the console. Everything works without it; with it "/" leads to
// the search, what a page marks by data-again is kept up to date, a page leaves the
// screen when the session is locked, and a form stays when the network is gone.
(() => {
  "use strict";
  const every = 5000, look = 20000, patience = 4000, find = document.getElementById("find");

  addEventListener("keydown", (e) => {
    if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || !find || e.target.closest("input, select, textarea")) return;
    e.preventDefault();
    find.focus();
    find.select();
  });

  if (!document.body.classList.contains("console")) return;
  const lost = document.getElementById("lost"), gone = document.getElementById("gone"), part = document.querySelector("[data-again]");
  const wait = (ms) => new Promise((wake) => setTimeout(wake, ms));

  // How the center answers: its status, or 0 when it cannot be reached. Asking with
  // poll keeps no session alive.
  const ask = async (poll) => (await fetch("/alive" + (poll ? "?poll=1" : ""), {cache: "no-store", signal: AbortSignal.timeout(patience)}).catch(() => null))?.status ?? 0;

  // What was typed into a form that has not been sent.
  const changed = (el) => el.type === "checkbox" || el.type === "radio" ? el.checked !== el.defaultChecked :
    el.options ? [...el.options].some((o) => o.selected !== o.defaultSelected) && el.selectedIndex > 0 :
    !["hidden", "password", "file", "submit", "button"].includes(el.type) && el.value !== el.defaultValue;
  const typed = () => [...document.querySelectorAll("main form[method=post]")].find((form) => [...form.elements].some(changed));

  // The session is locked or over: the page leaves the screen, and what was typed is
  // kept at the center until the officer is back.
  let leaving = false;
  async function leave() {
    if (leaving) return;
    leaving = true;
    let next = location.pathname + location.search;
    const form = typed();
    if (form) {
      const body = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
      body.set("kept-page", next);
      body.set("kept-action", new URL(form.action).pathname);
      const answer = await fetch("/keep", {method: "POST", body}).catch(() => null);
      if (answer?.ok) next = await answer.text();
    }
    location.replace("/unlock?next=" + encodeURIComponent(next));
  }

  async function check() {
    const status = await ask(true);
    if (status === 401) return leave();
    if (status) lost.hidden = true;
  }
  (async () => {
    for (;;) {
      await wait(look);
      await check();
    }
  })();
  addEventListener("visibilitychange", () => document.hidden || check());
  addEventListener("pageshow", (e) => e.persisted && check());

  // Whoever types is there, though nothing is sent.
  let told = Date.now();
  for (const sign of ["keydown", "pointerdown"]) addEventListener(sign, () => {
    if (Date.now() - told < 60000) return;
    told = Date.now();
    ask(false).then((status) => status === 401 && leave());
  });

  // A form is sent when the center can be reached, and stays as it is when it cannot.
  addEventListener("offline", () => { lost.hidden = false; });
  addEventListener("online", check);
  const cleared = new WeakSet();
  addEventListener("submit", async (e) => {
    const form = e.target, key = e.submitter;
    if (form.method !== "post" || cleared.has(form)) return;
    e.preventDefault();
    if (form.dataset.asking) return; // pressed twice
    form.dataset.asking = "yes";
    const status = await ask(true);
    delete form.dataset.asking;
    if (!status) {
      lost.hidden = false;
      lost.scrollIntoView({block: "nearest"});
      return;
    }
    cleared.add(form);
    form.requestSubmit(key);
    setTimeout(() => cleared.delete(form), 2000);
  });

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
    if (answer?.status === 401) return leave();
    gone.hidden = !!answer?.ok;
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-again]");
    if (!fresh || busy() || fresh.innerHTML === part.innerHTML) return;
    const at = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    part.replaceChildren(...fresh.childNodes);
    part.dataset.every = fresh.dataset.every ?? every;
    if (at) [...part.querySelectorAll("a")].find((a) => a.getAttribute("href") === at)?.focus();
  }

  (async () => {
    for (;;) {
      await wait(part.dataset.every ?? every);
      await renew();
    }
  })();
})();
