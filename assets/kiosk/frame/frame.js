// The one script of the kiosk. Everything works without it; with it the page hears
// from the server (hx-ws), a scanner that types is heard on every page, and keypads
// answer at once.
(() => {
  "use strict";
  const $ = (selector) => document.querySelector(selector);
  let leaving = false; // the page is being left, so a closed connection means nothing
  let gone = false;    // the banner says that the server is away
  let alone = false;   // the connection that there was is closed
  let pressed = -Infinity; // when a key that leads to another page was pressed

  addEventListener("pagehide", () => { leaving = true; });
  // A page from the back-forward cache may be somebody else's.
  addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });
  addEventListener("contextmenu", (e) => e.preventDefault());
  addEventListener("dragstart", (e) => e.preventDefault());

  // ---- what the server says by itself
  const body = document.body;
  body.addEventListener("htmx:ws:before:message:incoming", (e) => {
    let said;
    try { said = JSON.parse(e.detail.message.data); } catch { return; }
    const here = location.pathname + location.search;
    if (said.sound) play(body.dataset[said.sound]);
    if (said.target === "#beat") beaten = performance.now();
    if (!said.go && !said.renew) return;
    e.preventDefault();
    if (said.anew && said.renew === here && !alone) { // in another language, or another size of print
      leaving = true;
      return location.reload();
    }
    if ((said.go ?? said.renew) === here) renew();
    if (!said.go || said.go === here) return;
    leaving = true;
    location.assign(said.go);
  });

  // ---- this very page says something else by now. Loading it again would lose a
  // finger: a browser that changes pages forgets a touch, and a key that has led away
  // must not lead back. So what is read and pressed is put in its place, between two
  // touches. A page that is another one now, makes a sound, or has a script of its own
  // is loaded whole.
  let touched = false;
  addEventListener("pointerdown", () => { touched = true; }, true);
  for (const type of ["pointerup", "pointercancel"]) {
    addEventListener(type, () => setTimeout(() => { touched = false; }, 50), true); // the click comes first
  }
  const untouched = async () => { while (touched) await new Promise((wake) => setTimeout(wake, 20)); };
  let renewals = 0;
  async function renew() {
    const turn = ++renewals;
    const whole = () => {
      if (alone) return; // nothing would bring the kiosk back from the browser's page of errors
      leaving = true;
      location.reload();
    };
    await untouched();
    if (performance.now() - pressed < 5000) return;
    if ($("#pad") || document.scripts.length > 3) return whole();
    const answer = await fetch(location.href, { headers: { Renew: "yes" } }).catch(() => null);
    if (!answer) return; // the server is away: when it is back, the page is loaded anyhow
    const fresh = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    if (fresh) for (const part of fresh.querySelectorAll("noscript")) part.remove(); // a parser without script reads what is in it
    await untouched();
    if (turn !== renewals || performance.now() - pressed < 5000) return;
    if (!fresh || answer.redirected || fresh.body.className !== body.className || fresh.body.dataset.sound) return whole();
    for (const part of [".top", "#offline", ".stage", ".dock"]) $(part).replaceWith(fresh.querySelector(part));
  }
  // The bar of the check-in code steps once a second. When it has stopped, another page
  // of this box's was opened meanwhile, and the kiosk believes that one to be on its
  // screen: a code that no longer changes is good for nobody.
  let beaten = performance.now();
  setInterval(() => {
    if (document.hidden || alone || leaving || !$("#beat") || performance.now() - beaten < 4000) return;
    beaten = performance.now();
    renew();
  }, 1000);
  body.addEventListener("htmx:ws:close", lost);
  body.addEventListener("htmx:ws:error", lost);
  body.addEventListener("htmx:ws:after:connection", () => {
    if (gone) location.reload(); // whatever was missed is on the page that the server makes now
    alone = false;
  });
  function lost() {
    alone = true;
    setTimeout(() => {
      if (leaving) return;
      gone = true;
      $("#gone").hidden = false;
    }, 150);
  }

  // ---- sounds say nothing that the page does not; a browser that wants a touch
  // first stays quiet
  const play = (url) => { if (url) new Audio(url).play().catch(() => {}); };
  play(body.dataset.sound);
  addEventListener("pointerdown", (e) => {
    if (e.target.closest("a.key, button.key")) play(body.dataset.tick);
  }, { capture: true, passive: true });

  // ---- somebody is there: told at most every three seconds
  let told = 0;
  addEventListener("pointerdown", () => {
    const now = performance.now();
    const socket = body._htmx?.ws?.connection?.socket;
    if (now - told < 3000 || socket?.readyState !== WebSocket.OPEN) return;
    told = now;
    socket.send("touch");
  }, { capture: true, passive: true });

  // ---- a form is sent once; and none, and no link, while the server is away: the
  // browser would leave for its own page of errors, from which nothing leads back
  document.addEventListener("click", (e) => {
    if (!e.target.closest("a[href]")) return;
    if (alone) e.preventDefault();
    else pressed = performance.now();
  }, true);
  document.addEventListener("submit", (e) => {
    if (alone || e.target.dataset.sent) { e.preventDefault(); return; }
    e.target.dataset.sent = "yes";
    pressed = performance.now();
    setTimeout(() => delete e.target.dataset.sent, 5000);
  });

  // ---- a scanner that types: fast characters that end with Enter
  let typed = "", last = 0;
  addEventListener("keydown", (e) => {
    if (e.target.matches("input:not([type=hidden]), textarea")) return;
    const now = e.timeStamp;
    if (now - last > 80) typed = "";
    last = now;
    if (e.key.length === 1 && !e.ctrlKey && !e.altKey && !e.metaKey) {
      if (typed.length < 600) typed += e.key;
    } else if (e.key === "Enter" && typed.length >= 6) {
      e.preventDefault();
      scanned(typed);
      typed = "";
    }
  }, true);
  // A technician without a scanner pastes a code.
  addEventListener("paste", (e) => {
    if (!e.target.matches("input, textarea")) scanned(e.clipboardData.getData("text").trim());
  });
  function scanned(text) {
    const form = $("#scan");
    form.elements.text.value = text.slice(0, 600);
    if (text) form.requestSubmit();
  }

  // ---- keypads
  const pad = $("#pad");
  if (pad) {
    const input = pad.elements.typed;
    const least = Number(pad.dataset.least), most = Number(pad.dataset.most);
    const slots = $("#slots"), hidden = slots?.hasAttribute("data-hidden");
    const whole = $("#typed"); // what has no places, for it may be long or short
    const places = slots ? [...slots.querySelectorAll("i:not(.sp)")] : [];
    const mains = [...document.querySelectorAll("button.go[form=pad]")];
    const show = () => {
      const n = input.value.length;
      if (whole) whole.textContent = input.value;
      places.forEach((place, i) => {
        place.textContent = i < n ? (hidden ? "●" : input.value[i]) : "";
        place.classList.toggle("now", i === n);
      });
      mains.forEach((key) => {
        key.disabled = n < least;
        key.textContent = n < least ? pad.dataset.missing.replace("#", least - n) : pad.dataset.go;
      });
    };
    const press = (value) => {
      if (value === "clear") input.value = "";
      else if (value === "back") input.value = input.value.slice(0, -1);
      else if (input.value.length < most) input.value += value;
      show();
    };
    document.addEventListener("click", (e) => {
      const key = e.target.closest("#pad button[name=key], button.fn[form=pad]:not([data-post])");
      if (!key) return;
      e.preventDefault();
      press(key.value);
    });
    const known = [...pad.querySelectorAll("button[name=key]")].map((key) => key.value);
    addEventListener("keydown", (e) => {
      const letter = [e.key, e.key.toUpperCase(), e.key.toLowerCase()].find((c) => c.length === 1 && known.includes(c));
      if (letter) press(letter);
      else if (e.key === "Backspace") press("back");
    });
    show();
  }
})();
