// A photograph from a phone is larger than a kiosk takes: it is made smaller here,
// before it is sent, and keeps its name. Without a script, or when the browser cannot
// read it, it goes as it is, and the center says what it does not take.
(() => {
  "use strict";
  const field = document.querySelector("input[type=file][accept*=image]"), most = 256 << 10;
  if (!field) return;

  // The picture, no wider or higher than edge, as JPEG.
  async function smaller(picture, edge, quality) {
    const scale = Math.min(1, edge / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff"; // what JPEG has no other colour for
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
  }

  // The file as it is sent.
  async function fitting(file) {
    if (file.size <= most) return file;
    const picture = await createImageBitmap(file).catch(() => null);
    if (!picture) return file;
    for (const [edge, quality] of [[1000, 0.85], [800, 0.8], [600, 0.7], [400, 0.6]]) {
      const blob = await smaller(picture, edge, quality);
      if (blob && blob.size <= most) return new File([blob], file.name.replace(/\.[^.]*$/, "") + ".jpg", {type: "image/jpeg"});
    }
    return file;
  }

  let round = 0;
  field.addEventListener("change", async () => {
    const mine = ++round, files = [...field.files];
    if (files.every((file) => file.size <= most)) return;
    const button = field.form.querySelector("button.main");
    if (button) button.disabled = true;
    const list = new DataTransfer();
    for (const file of files) list.items.add(await fitting(file)); // one after the other: each takes memory
    if (mine === round) field.files = list.files; // else others were chosen meanwhile
    if (button) button.disabled = false;
  });
})();
