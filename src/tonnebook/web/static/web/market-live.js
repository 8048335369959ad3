"use strict";
// Listens to live quotes and tells the page: htmx fetches the board anew, the chart its last bars. Tells in words whether
// the line is up. Without a stream the page asks again by itself.
(() => {
  const line = document.querySelector("[data-live]");
  const show = (state) => {
    line.hidden = false;
    line.querySelectorAll("[data-state]").forEach((one) => { one.hidden = one.dataset.state !== state; });
    line.dataset.now = state;
  };
  const tell = (trades) => document.body.dispatchEvent(new CustomEvent("market", { detail: { trades } }));

  let cursor = "";
  const listen = () => {
    const source = new EventSource(line.dataset.stream + (cursor ? `&after=${encodeURIComponent(cursor)}` : ""));
    source.onopen = () => show("live");
    source.onmessage = (event) => {
      cursor = event.lastEventId;
      tell(JSON.parse(event.data).some((one) => one.trades.length));
    };
    source.onerror = () => {
      show("lost");
      // The browser tries again by itself, unless it was turned away.
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
    };
  };
  if (line.dataset.stream) { show("connecting"); listen(); } else show("polling");

  // The board says how many seconds are left by the clock of the market; from there on the browser counts.
  let counted = null, ends = 0;
  const two = (number) => String(number).padStart(2, "0");
  const count = () => {
    const field = document.querySelector("[data-seconds]");
    if (!field || !field.dataset.seconds) return;
    if (field !== counted) { counted = field; ends = Date.now() + 1000 * Number(field.dataset.seconds); }
    const left = Math.round((ends - Date.now()) / 1000);
    if (left < 0) { tell(false); return; }
    field.textContent = left < 86400 ? `${two(Math.floor(left / 3600))}:${two(Math.floor(left / 60) % 60)}:${two(left % 60)}` : "";
  };
  setInterval(count, 1000);
  count();
})();
