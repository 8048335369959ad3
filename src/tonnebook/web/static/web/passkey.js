"use strict";
// Passkeys: asks the browser for one and sends the form with its answer. Without this file one-time codes still work.
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const asked = (options) => {
    const key = options.publicKey || options;
    key.challenge = bytes(key.challenge);
    if (key.user) key.user.id = bytes(key.user.id);
    for (const list of [key.excludeCredentials, key.allowCredentials]) (list || []).forEach((one) => { one.id = bytes(one.id); });
    return { publicKey: key };
  };

  const answer = (credential) => {
    const response = { clientDataJSON: text(credential.response.clientDataJSON) };
    for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"])
      if (credential.response[part]) response[part] = text(credential.response[part]);
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      clientExtensionResults: credential.getClientExtensionResults(),
      authenticatorAttachment: credential.authenticatorAttachment,
      response,
    });
  };

  document.querySelectorAll("button[data-passkey]").forEach((button) => {
    const form = button.form;
    if (!window.PublicKeyCredential) { button.disabled = true; return; }
    button.addEventListener("click", async () => {
      const told = form.querySelector("[data-passkey-error]");
      told.hidden = true;
      if (button.dataset.passkey === "create" && !form.reportValidity()) return;
      try {
        const options = asked(JSON.parse(button.dataset.options));
        const credential = await navigator.credentials[button.dataset.passkey](options);
        form.elements[button.dataset.field].value = answer(credential);
        form.submit();
      } catch { told.hidden = false; }
    });
  });
})();
