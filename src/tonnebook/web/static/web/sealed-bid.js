"use strict";
// Seals a bid in the browser (HPKE, RFC 9180: X25519, HKDF-SHA256, AES-256-GCM), as tonnebook.core.sealed_bids does.
// Price and quantity stand in fields without a name, so that they are never sent.
(() => {
  const { subtle } = crypto;
  const ascii = (text) => new TextEncoder().encode(text);
  const joined = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
  const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
  const hex = (data) => [...data].map((one) => one.toString(16).padStart(2, "0")).join("");

  const KEM = joined(ascii("KEM"), [0, 0x20]);
  const HPKE = joined(ascii("HPKE"), [0, 0x20, 0, 1, 0, 2]);
  const mac = async (key, message) => {
    const made = await subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    return new Uint8Array(await subtle.sign("HMAC", made, message));
  };
  const extract = (suite, salt, label, key) => mac(salt, joined(ascii("HPKE-v1"), suite, ascii(label), key));
  const expand = async (root, suite, label, info, size) =>
    (await mac(root, joined([0, size], ascii("HPKE-v1"), suite, ascii(label), info, [1]))).slice(0, size);
  const EMPTY = new Uint8Array(32);

  const seal = async (text, boundTo, openingKey) => {
    const own = await subtle.generateKey({ name: "X25519" }, true, ["deriveBits"]);
    const sent = new Uint8Array(await subtle.exportKey("raw", own.publicKey));
    const theirs = await subtle.importKey("raw", openingKey, { name: "X25519" }, false, []);
    const shared = new Uint8Array(await subtle.deriveBits({ name: "X25519", public: theirs }, own.privateKey, 256));
    const secret = await expand(
      await extract(KEM, EMPTY, "eae_prk", shared), KEM, "shared_secret", joined(sent, openingKey), 32);
    const schedule = joined(
      [0], await extract(HPKE, EMPTY, "psk_id_hash", []), await extract(HPKE, EMPTY, "info_hash", boundTo));
    const root = await extract(HPKE, secret, "secret", []);
    const key = await subtle.importKey(
      "raw", await expand(root, HPKE, "key", schedule, 32), "AES-GCM", false, ["encrypt"]);
    const iv = await expand(root, HPKE, "base_nonce", schedule, 12);
    return joined(sent, new Uint8Array(await subtle.encrypt({ name: "AES-GCM", iv }, key, text)));
  };

  // Yuan as typed, in fen, without a detour through floating point.
  const fen = (yuan) => {
    const [whole, part = ""] = yuan.trim().split(".");
    return BigInt(whole + part.padEnd(2, "0"));
  };
  const yuan = (amount) => `${(amount / 100n).toLocaleString()}.${String(amount % 100n).padStart(2, "0")}`;

  document.querySelectorAll("form[data-sealed-bid]").forEach((form) => {
    const part = (name) => form.querySelector(`[data-bid="${name}"]`);
    const show = (name, shown) => { part(name).hidden = !shown; };
    const typed = [part("price"), part("quantity"), form.elements.deposit];
    const reopen = () => { show("sealed", false); show("send", false); show("seal", true); form.elements.envelope.value = ""; };
    typed.forEach((field) => field.addEventListener("input", reopen));

    part("seal").addEventListener("click", async () => {
      show("old", false);
      show("short", false);
      if (!typed.every((field) => field.reportValidity())) return;
      const [price, quantity, deposit] = [fen(typed[0].value), BigInt(typed[1].value), fen(typed[2].value)];
      if (price * quantity > deposit) { show("short", true); return; }
      const mark = hex(crypto.getRandomValues(new Uint8Array(16)));
      const offer = `${String(price).padStart(15, "0")} ${String(quantity).padStart(15, "0")}`;
      const boundTo = `tonnebook-bid-1\n${form.dataset.auction}\n${mark}\n${deposit}`;
      let envelope;
      try {
        envelope = hex(await seal(ascii(offer), ascii(boundTo), bytes(form.dataset.key)));
      } catch { show("old", true); return; }
      form.elements.envelope.value = envelope;
      form.elements.mark.value = mark;
      part("sum").textContent = `${yuan(price)} × ${quantity.toLocaleString()} = ${yuan(price * quantity)}`;
      const copy = { auction: form.dataset.auction, price_fen_per_t: String(price), quantity_t: String(quantity), deposit_fen: String(deposit), mark, envelope };
      part("copy").href = URL.createObjectURL(new Blob([JSON.stringify(copy)], { type: "application/json" }));
      show("sealed", true);
      show("send", true);
      show("seal", false);
      part("send").focus();
    });
    form.addEventListener("submit", (event) => { if (!form.elements.envelope.value) event.preventDefault(); });
  });
})();
