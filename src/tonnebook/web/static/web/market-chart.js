"use strict";
// Draws bars with volume and averages on a canvas, and writes the same figures into the table below.
(() => {
  const chart = document.querySelector("[data-chart]");
  const canvas = chart.querySelector("[data-canvas]");
  const [BARS, VOLUME, AVERAGE] = canvas.dataset.words.split("|");
  const LENGTHS = [5, 10, 20];
  const TABLE_ROWS = 60;
  const yuan = (fen) => (fen / 100).toFixed(2);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const drawn = echarts.init(canvas, null, { renderer: "canvas" });
  let interval = localStorage.getItem("interval") || "DAY";

  const label = (bar) => {
    const [day, clock] = new Date(bar.from_at).toLocaleString("sv-SE", { timeZone: "Asia/Shanghai" }).split(" ");
    return interval.startsWith("MINUTES") ? `${day.slice(5)} ${clock.slice(0, 5)}` : day;
  };
  const average = (bars, length) =>
    bars.map((_, end) => {
      if (end + 1 < length) return null;
      const sum = bars.slice(end + 1 - length, end + 1).reduce((all, bar) => all + bar.close_fen_per_t, 0);
      return Math.round(sum / length) / 100;
    });

  const draw = (bars) => {
    const [up, down, ink, line] = ["up", "down", "ink-soft", "line"].map(colour);
    const labels = bars.map(label);
    const axis = { axisLine: { lineStyle: { color: line } }, axisLabel: { color: ink }, splitLine: { lineStyle: { color: line } } };
    const strokes = [colour("link"), colour("amber-fill"), colour("leaf")];
    drawn.setOption({
      animation: false,
      grid: [{ left: 52, right: 12, top: 28, height: "58%" }, { left: 52, right: 12, bottom: 24, height: "18%" }],
      legend: { top: 0, textStyle: { color: ink }, itemHeight: 8 },
      // Within the canvas: the content policy lets no style into the page.
      tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "cross" }, confine: true },
      dataZoom: [{ type: "inside", xAxisIndex: [0, 1], start: bars.length > 90 ? 100 - 9000 / bars.length : 0, end: 100 }],
      xAxis: [0, 1].map((gridIndex) => ({ ...axis, type: "category", data: labels, gridIndex, axisLabel: { color: ink, show: gridIndex === 1 } })),
      yAxis: [{ ...axis, scale: true }, { ...axis, gridIndex: 1, splitNumber: 2, axisLabel: { color: ink, showMinLabel: false } }],
      series: [
        {
          name: BARS, type: "candlestick",
          data: bars.map((bar) => [bar.open_fen_per_t, bar.close_fen_per_t, bar.low_fen_per_t, bar.high_fen_per_t].map((fen) => fen / 100)),
          itemStyle: { color: up, borderColor: up, color0: down, borderColor0: down },
        },
        ...LENGTHS.map((length, place) => ({
          name: `${AVERAGE} ${length}`, type: "line", data: average(bars, length), symbol: "none",
          lineStyle: { width: 1, color: strokes[place] }, itemStyle: { color: strokes[place] },
        })),
        {
          name: VOLUME, type: "bar", xAxisIndex: 1, yAxisIndex: 1,
          data: bars.map((bar) => ({
            value: bar.volume_t,
            itemStyle: { color: bar.close_fen_per_t < bar.open_fen_per_t ? down : up },
          })),
          itemStyle: { color: ink },
        },
      ],
    }, { notMerge: true });
  };

  const figures = (bar) => [label(bar), ...["open", "high", "low", "close"].map((name) => yuan(bar[`${name}_fen_per_t`])), bar.volume_t.toLocaleString("en")];
  const write = (bars) => {
    const rows = bars.slice(-TABLE_ROWS).reverse().map((bar) => {
      const row = document.createElement("tr");
      figures(bar).forEach((figure, place) => {
        const cell = document.createElement(place ? "td" : "th");
        if (place) cell.className = "num"; else cell.scope = "row";
        cell.textContent = figure;
        row.append(cell);
      });
      return row;
    });
    chart.querySelector("tbody").replaceChildren(...rows);
    const last = bars.at(-1);
    chart.querySelector("[data-empty]").hidden = Boolean(last);
    chart.querySelector("[data-sentence]").hidden = !last;
    if (!last) return;
    ["from", "open", "high", "low", "close", "volume"].forEach((name, place) => {
      chart.querySelector(`[data-of="${name}"]`).textContent = figures(last)[place];
    });
  };

  const fetchBars = async () => {
    const answer = await fetch(`${chart.dataset.bars}?interval=${interval}`);
    if (!answer.ok) return;
    const bars = await answer.json();
    draw(bars);
    write(bars);
    chart.dataset.drawn = `${interval} ${bars.length}`;
  };
  const choose = (wanted) => {
    interval = wanted;
    localStorage.setItem("interval", wanted);
    buttons.forEach((one) => one.setAttribute("aria-pressed", String(one.dataset.interval === wanted)));
    fetchBars();
  };

  const buttons = chart.querySelectorAll("[data-interval]");
  buttons.forEach((one) => one.addEventListener("click", () => choose(one.dataset.interval)));
  chart.hidden = false;
  document.querySelector("[data-chart-fallback]").hidden = true;
  new ResizeObserver(() => drawn.resize()).observe(canvas);
  choose([...buttons].some((one) => one.dataset.interval === interval) ? interval : "DAY");
  let waits = 0;
  document.body.addEventListener("market", (event) => {
    if (!event.detail.trades || waits) return;
    waits = setTimeout(() => { waits = 0; fetchBars(); }, 1000);
  });
})();
