// Fetches the next card before this one is over. One that could not be renewed in time
// is taken away, so that nobody holds it before the scanner in vain.
(() => {
  const card = document.getElementById("card"), stale = document.getElementById("stale");
  const each = 1000 * card.dataset.each, good = 1000 * card.dataset.good;
  let made = Date.now();
  const renew = () => {
    if (document.hidden) return;
    fetch(location.pathname, {credentials: "same-origin"}).then((answer) => {
      if (!answer.ok || answer.redirected) throw new Error("not a card");
      return answer.text();
    }).then((text) => {
      const next = new DOMParser().parseFromString(text, "text/html").getElementById("card");
      card.innerHTML = next.innerHTML;
      made = Date.now();
      show();
    }).catch(() => show());
  };
  const show = () => {
    const old = Date.now() - made > good;
    card.classList.toggle("old", old);
    stale.hidden = !old;
  };
  setInterval(() => {
    show();
    if (Date.now() - made >= each) renew();
  }, 1000);
  document.addEventListener("visibilitychange", () => { show(); if (Date.now() - made >= each) renew(); });
})();
