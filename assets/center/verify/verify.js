// Reads the QR code of a receipt with the camera or from a photograph, and sends its
// text as if it had been typed. Where the browser has no decoder of its own, ours is
// fetched when it is first needed.
(() => {
  "use strict";
  const every = 150, largest = 1600;
  const form = document.getElementById("look"), text = document.getElementById("text");
  const camera = document.getElementById("camera"), photo = document.getElementById("photo");
  const eye = document.getElementById("eye"), video = eye.querySelector("video"), says = document.getElementById("says");
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d", { willReadFrequently: true });
  let stream = null, decoder = null;

  const say = (word) => {
    says.hidden = !word;
    if (word) says.querySelector("span").textContent = document.querySelector(`#words [data-word="${word}"]`).textContent;
  };

  const script = (src) => new Promise((done, failed) => {
    const el = document.createElement("script");
    el.src = src;
    el.onload = done;
    el.onerror = failed;
    document.head.append(el);
  });

  // ours reads what lies on the canvas.
  const ours = async () => {
    if (!window.jsQR) await script(eye.dataset.decoder);
    return async () => window.jsQR(pen.getImageData(0, 0, canvas.width, canvas.height).data, canvas.width, canvas.height)?.data ?? "";
  };

  const ready = async () => {
    if (decoder) return decoder;
    let kinds = [];
    try { kinds = await window.BarcodeDetector?.getSupportedFormats() ?? []; } catch { /* then ours */ }
    if (!kinds.includes("qr_code")) return decoder = await ours();
    const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
    return decoder = async () => (await detector.detect(canvas))[0]?.rawValue ?? "";
  };

  // draw puts a picture on the canvas, no larger than size at its longer side.
  const draw = (picture, width, height, size) => {
    const scale = Math.min(1, size / Math.max(width, height));
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  };

  // found sends what was read; a code of something else is said to be that.
  const found = (read) => {
    if (!read.trim().toUpperCase().startsWith("YZ1:")) return say("other");
    stop();
    say("");
    text.value = read.trim();
    form.requestSubmit();
  };

  const stop = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    eye.hidden = true;
  };

  const look = async () => {
    if (!stream) return;
    try {
      if (video.videoWidth) {
        draw(video, video.videoWidth, video.videoHeight, 1000);
        const read = await (await ready())();
        if (read && stream) found(read);
      }
    } catch { stop(); return say("broken"); }
    if (stream) setTimeout(look, every);
  };

  camera.addEventListener("click", async () => {
    say("");
    if (!navigator.mediaDevices?.getUserMedia) return say(window.isSecureContext ? "none" : "insecure");
    stop();
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
    } catch (why) {
      return say(why.name === "NotAllowedError" ? "denied" : "none");
    }
    video.srcObject = stream;
    eye.hidden = false;
    await video.play().catch(() => {});
    look();
  });
  document.getElementById("stop").addEventListener("click", () => { stop(); camera.focus(); });
  addEventListener("pagehide", stop);

  photo.querySelector("input").addEventListener("change", async (e) => {
    const file = e.target.files[0];
    e.target.value = "";
    if (!file) return;
    say("");
    try {
      const picture = await createImageBitmap(file), decode = await ready();
      for (const size of [largest, 1000, 600]) {
        draw(picture, picture.width, picture.height, size);
        const read = await decode();
        if (read) return found(read);
      }
      say("unread");
    } catch { say("broken"); }
  });

  camera.hidden = false;
  photo.hidden = false;
})();
