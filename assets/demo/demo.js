// Pressing the page's buttons without leaving it, and watching the paper come out.
// Without this script the forms reload the page, and so does the paper.
"use strict";

const $ = (id) => document.getElementById(id);

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const answer = await fetch(form.action, {
    method: "POST", body: new URLSearchParams(new FormData(form, event.submitter)), redirect: "manual",
  });
  const fine = answer.type === "opaqueredirect"; // that is how a form is answered
  $("failed").hidden = fine;
  $("failed").textContent = fine ? "" : await answer.text();
  if (fine && form.matches(".faults")) form.reset(); // what waits for the next slip is told beside the printer
});

const events = new EventSource(`/demo/events?after=${document.body.dataset.last}&screen=${document.body.className}`);

// What hangs out of the printer grows at its lower edge. The next picture takes the
// place of the one before only when it is there, so nothing flickers.
let wanted = 0;
events.addEventListener("out", async (event) => {
  const { dots } = JSON.parse(event.data);
  wanted = dots;
  if (!dots) {
    $("out").hidden = true;
    return;
  }
  const next = new Image();
  next.src = `/demo/paper/out.png?dots=${dots}`;
  await next.decode();
  if (wanted !== dots) return;
  $("out").src = next.src;
  $("out").hidden = false;
});

events.addEventListener("paper", (event) => {
  const { number, html, receipt } = JSON.parse(event.data);
  if (receipt) {
    $("slip").hidden = false;
    $("slip").elements.text.value = receipt;
  }
  if (document.querySelector(`img[src="/demo/paper/${number}.png"]`)) return;
  $("tray").querySelector("p")?.remove();
  $("tray").insertAdjacentHTML("afterbegin", html);
  $("tray").firstElementChild.classList.add("new");
});

events.addEventListener("county", (event) => {
  const strip = $("county");
  if (strip.contains(document.activeElement)) document.activeElement.blur(); // a new key stands in its place
  strip.innerHTML = JSON.parse(event.data).html;
});

events.addEventListener("state", (event) => {
  const { html, level, baud } = JSON.parse(event.data);
  $("state").innerHTML = html;
  for (const [name, value] of Object.entries({ level, baud })) {
    for (const button of document.querySelectorAll(`button[name=${name}]`)) {
      button.setAttribute("aria-pressed", button.value === String(value));
    }
  }
});

// A phone: it reads the code that is on the kiosk's screen, as a camera does, and opens
// what it says in a window of its size.
$("handset").hidden = false;
$("handset").addEventListener("click", () => {
  const code = document.querySelector("iframe").contentDocument.querySelector("svg.qr");
  const text = code && read(code);
  $("nocode").hidden = Boolean(text);
  if (text) open(text, "handset", "popup,width=390,height=780");
});

const read = (svg) => {
  const dots = 4, size = svg.viewBox.baseVal.width * dots, canvas = document.createElement("canvas");
  canvas.width = canvas.height = size + 16 * dots;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.setTransform(dots, 0, 0, dots, 8 * dots, 8 * dots);
  pen.fillStyle = "#000";
  pen.fill(new Path2D(svg.querySelector("path:last-child").getAttribute("d")));
  const { data, width, height } = pen.getImageData(0, 0, canvas.width, canvas.height);
  return jsQR(data, width, height)?.data;
};
