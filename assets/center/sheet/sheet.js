// Prints the sheet; without a script the browser's own menu does.
(() => {
  "use strict";
  const key = document.getElementById("print");
  if (!key) return;
  key.hidden = false;
  key.addEventListener("click", () => window.print());
})();
