// While somebody writes a slip's template: the paper beside it is drawn anew after
// each pause, mistakes are marked at their lines, and every line has its number.
// Without this script the page's own key does the same. The key also turns to the slip as
// it is in other cases, such as a reprint.
(() => {
  "use strict";
  const form = document.querySelector("#slip"), text = form.elements.text;
  const paper = document.querySelector("#paper"), out = paper.parentElement;
  const list = document.querySelector("#problems"), legend = document.querySelector(".legend"), one = document.querySelector("#problem");
  const numbers = document.createElement("div");
  numbers.className = "numbers";
  numbers.ariaHidden = "true";
  text.before(numbers);
  form.classList.add("live");
  const turn = form.querySelector(".look"); // shows the slip in another case
  let wrong = [], timer, asked = 0, shown = 0;

  const count = () => {
    const lines = text.value.split("\n").length;
    numbers.replaceChildren(...Array.from({length: lines}, (_, i) => {
      const line = document.createElement("span");
      line.textContent = i + 1;
      line.classList.toggle("wrong", wrong.includes(i + 1));
      return line;
    }));
    numbers.scrollTop = text.scrollTop;
  };

  const show = (draft) => {
    wrong = draft.problems.map((p) => p.line);
    list.replaceChildren(...draft.problems.map((p) => {
      const item = one.content.firstElementChild.cloneNode(true);
      item.querySelector("span").textContent = p.text;
      return item;
    }));
    form.elements.case.value = draft.case;
    turn.value = draft.next;
    turn.querySelector("span").textContent = draft.key;
    legend.hidden = wrong.length > 0;
    out.classList.toggle("old", wrong.length > 0);
    if (draft.picture) {
      paper.src = draft.picture;
      form.elements.seen.value = draft.picture.split("/").pop();
    }
    count();
  };

  const look = async () => {
    const mine = ++asked;
    let answer;
    try {
      answer = await fetch(form.dataset.draft, {method: "POST", body: new URLSearchParams({text: text.value, case: form.elements.case.value})});
    } catch { return; } // the banner of every page says that the server is away
    if (answer.redirected) location.reload(); // the visit is over
    if (!answer.ok || mine < shown) return;
    shown = mine;
    show(await answer.json());
  };

  text.addEventListener("input", () => {
    count();
    clearTimeout(timer);
    timer = setTimeout(look, 250);
  });
  turn.addEventListener("click", (e) => {
    e.preventDefault();
    form.elements.case.value = turn.value;
    clearTimeout(timer);
    look();
  });
  text.addEventListener("scroll", () => { numbers.scrollTop = text.scrollTop; });
  wrong = [...list.querySelectorAll("[data-line]")].map((item) => Number(item.dataset.line));
  count();
})();
