// Draws the table of weeks: a line for what was earned, bars for what was used. The
// table says the same, and is all there is without this script.
addEventListener("DOMContentLoaded", () => {
  "use strict";
  const chart = document.getElementById("chart"), table = document.getElementById("weeks");
  if (!chart || !table || !window.uPlot) return;
  const rows = [...table.querySelectorAll("tr[data-week]")], names = rows.map((row) => row.dataset.week);
  const column = (name) => rows.map((row) => Number(row.dataset[name]));
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const font = "12px " + getComputedStyle(document.body).fontFamily;
  const axis = {stroke: color("--ink-2"), font, grid: {stroke: color("--line"), width: 1}, ticks: {show: false}};
  chart.hidden = false;
  table.open = false;

  const size = () => ({width: chart.clientWidth, height: chart.clientHeight});
  const plot = new uPlot({
    ...size(),
    legend: {show: false},
    cursor: {show: false},
    scales: {x: {time: false, range: [-0.6, rows.length - 0.4]}, y: {range: (_, low, high) => [Math.min(0, low), Math.max(10, high) * 1.1]}},
    axes: [{...axis, grid: {show: false}, splits: () => names.map((_, i) => i), values: () => names, space: 30}, {...axis, size: 58, values: (_, ticks) => ticks.map((n) => n.toLocaleString("en"))}],
    series: [{}, {fill: "#D98B5C", stroke: "#D98B5C", paths: uPlot.paths.bars({size: [0.5, 40]}), points: {show: false}}, {stroke: color("--pine"), width: 2, points: {show: true, size: 6, fill: color("--pine")}}],
  }, [rows.map((_, i) => i), column("used"), column("earned")], chart);
  new ResizeObserver(() => plot.setSize(size())).observe(chart);
});
