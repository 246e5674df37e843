// Passkeys: a form marked by data-passkey is filled with what the browser's
// authenticator says, and sent. Where the browser knows none it stays hidden.
(() => {
  "use strict";
  const form = document.querySelector("form[data-passkey]");
  if (!form || !window.PublicKeyCredential || !isSecureContext) return;
  const create = form.dataset.passkey === "create";
  form.hidden = false;

  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const fill = (name, value) => { form.elements[name].value = value; };

  async function prove() {
    const answer = await fetch("/passkey/challenge?poll=1&for=" + (create ? "create" : "get"), {cache: "no-store"});
    if (!answer.ok) throw new Error("no challenge");
    const offer = await answer.json(), challenge = bytes(offer.challenge);
    const credential = create
      ? await navigator.credentials.create({publicKey: {challenge, rp: {id: offer.rp, name: offer.center}, user: {id: bytes(offer.user), name: offer.name, displayName: offer.name},
          pubKeyCredParams: [-7, -8, -257].map((alg) => ({type: "public-key", alg})), attestation: "none",
          authenticatorSelection: {residentKey: "required", requireResidentKey: true, userVerification: "required"},
          excludeCredentials: offer.known.map((id) => ({type: "public-key", id: bytes(id)}))}})
      : await navigator.credentials.get({publicKey: {challenge, rpId: offer.rp, userVerification: "required"}});
    const said = credential.response;
    fill("challenge", offer.challenge);
    fill("id", text(credential.rawId));
    fill("client", text(said.clientDataJSON));
    fill("data", text(create ? said.getAuthenticatorData() : said.authenticatorData));
    if (!create) {
      fill("signature", text(said.signature));
      fill("user", text(said.userHandle ?? new ArrayBuffer(0)));
    }
    form.submit();
  }

  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    e.stopPropagation();
    const key = form.querySelector("button"), problem = form.querySelector("[data-problem]");
    key.disabled = true;
    problem.hidden = true;
    await prove().catch(() => { problem.hidden = false; });
    key.disabled = false;
  });
})();
