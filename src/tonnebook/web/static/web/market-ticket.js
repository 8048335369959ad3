"use strict";
// The order ticket: levels of the book fill it, single keys reach it, and what will be refused is said while typing. The
// server checks all of it again; without this file the ticket is sent in two steps.
(() => {
  const form = document.querySelector("form[data-ticket]");
  const { price, quantity_t: quantity, asset } = form.elements;
  const limit = (name) => Number(form.dataset[name]);
  const side = () => form.elements.side.value;
  const fen = () => Math.round(Number(price.value) * 100);

  // What can be told without asking; the fee and the rest of the rules are the server's to say.
  const reasons = () => {
    const money = document.querySelector("#own-money");
    const held = asset.value && document.querySelector(`[data-asset="${CSS.escape(asset.value)}"]`);
    const [typed, wanted] = [price.value !== "", quantity.value !== ""];
    const [asked, tonnes] = [fen(), Number(quantity.value)];
    return {
      tick: typed && (Math.abs(Number(price.value) * 100 - asked) > 1e-6 || asked % limit("tickFen") !== 0),
      band: typed && (asked < limit("lowFen") || asked > limit("highFen")),
      lot: wanted && tonnes % limit("lotT") !== 0,
      size: wanted && tonnes >= limit("belowT"),
      money: typed && wanted && side() === "BUY" && money && asked * tonnes > Number(money.dataset.freeFen),
      units: wanted && side() === "SELL" && held && tonnes > Number(held.dataset.freeT),
    };
  };
  const FIELD = { tick: price, band: price, lot: quantity, size: quantity, money: quantity, units: quantity };
  const check = () => {
    const found = reasons();
    [price, quantity].forEach((field) => field.removeAttribute("aria-invalid"));
    Object.entries(found).forEach(([name, holds]) => {
      form.querySelector(`[data-refusal="${name}"]`).hidden = !holds;
      if (holds) FIELD[name].setAttribute("aria-invalid", "true");
    });
  };
  const changed = () => { check(); form.dispatchEvent(new Event("change", { bubbles: true })); };
  form.addEventListener("input", check);
  // What the last answer counted up holds for what was typed then.
  form.addEventListener("input", (event) => {
    if (event.target.name !== "confirm") form.querySelector("#ticket-check").replaceChildren();
  });

  const choose = (wanted) => {
    form.querySelector(`input[name="side"][value="${wanted}"]`).checked = true;
    changed();
  };
  const takeOver = (level) => {
    price.value = level.dataset.price;
    if (!quantity.value) quantity.value = level.dataset.quantity;
    form.querySelector(`input[name="side"][value="${level.dataset.level === "SELL" ? "BUY" : "SELL"}"]`).checked = true;
    quantity.focus();
    quantity.select();
    changed();
  };
  document.addEventListener("click", (event) => {
    const level = event.target.closest("[data-level]");
    if (level) takeOver(level);
  });

  document.querySelectorAll("[data-kept]").forEach((box) => {
    const kept = localStorage.getItem(box.dataset.kept);
    if (kept) box.checked = kept === "yes";
    box.addEventListener("change", () => localStorage.setItem(box.dataset.kept, box.checked ? "yes" : "no"));
  });
  document.querySelectorAll("[data-scripted]").forEach((part) => { part.hidden = false; });

  const offer = (place) => {
    const other = side() === "SELL" ? "BUY" : "SELL";
    const levels = [...document.querySelectorAll(`[data-level="${other}"]`)];
    return (other === "SELL" ? levels.reverse() : levels)[place - 1];
  };
  const KEYS = {
    b: () => choose("BUY"),
    s: () => choose("SELL"),
    p: () => price.focus(),
    q: () => quantity.focus(),
    c: () => document.querySelector("#orders-title ~ .table button, #board .danger")?.focus(),
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");
    if (event.key === "Escape" && typing) typing.blur();
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!document.querySelector('[data-kept="keys"]').checked) return;
    const level = /^[1-5]$/.test(event.key) ? offer(Number(event.key)) : null;
    const act = level ? () => takeOver(level) : KEYS[event.key.toLowerCase()];
    if (act) { event.preventDefault(); act(); }
  });
  check();
})();
