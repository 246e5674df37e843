// A photograph from a phone is larger than a kiosk takes: it is made smaller here,
// before it is sent. Without a script, or when the browser cannot read it, it goes
// as it is, and the center says what it does not take.
(() => {
  "use strict";
  const field = document.getElementById("photo"), most = 256 << 10;
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

  field.addEventListener("change", async () => {
    const file = field.files[0];
    if (!file || file.size <= most) return;
    const picture = await createImageBitmap(file).catch(() => null);
    if (!picture) return;
    for (const [edge, quality] of [[1000, 0.85], [800, 0.8], [600, 0.7], [400, 0.6]]) {
      const blob = await smaller(picture, edge, quality);
      if (field.files[0] !== file) return; // another one was chosen meanwhile
      if (!blob || blob.size > most) continue;
      const list = new DataTransfer();
      list.items.add(new File([blob], "photo.jpg", {type: "image/jpeg"}));
      field.files = list.files;
      return;
    }
  });
})();
