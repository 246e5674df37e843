// Holding a card to the scanner and showing new paper, without leaving the page.
// Without this script the forms reload the page, and so does the paper.
"use strict";

const paper = document.getElementById("paper");
const slip = document.getElementById("slip");

document.querySelector(".cards").addEventListener("submit", (event) => {
  event.preventDefault();
  fetch("/demo/scan", { method: "POST", body: new URLSearchParams(new FormData(event.target)) });
});

new EventSource("/demo/events").addEventListener("paper", (event) => {
  const { number, receipt } = JSON.parse(event.data);
  if (receipt) {
    slip.hidden = false;
    slip.elements.text.value = receipt;
  }
  if (document.querySelector(`img[src="/demo/paper/${number}.png"]`)) return;
  const image = new Image();
  image.src = `/demo/paper/${number}.png`;
  image.alt = `第 ${number} 张纸 piece of paper ${number}`;
  paper.querySelector("p")?.remove();
  paper.prepend(image);
});
