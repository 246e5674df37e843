// Without this script the browser's own menu prints the page.
addEventListener("DOMContentLoaded", () => {
  const key = document.getElementById("print");
  if (!key) return;
  key.hidden = false;
  key.addEventListener("click", () => print());
});
