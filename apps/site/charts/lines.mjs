// A line chart as SVG with two logarithmic axes.

import { escape, frame } from './bars.mjs';

const WIDTH = 440;
const HEIGHT = 320;
const LEFT = 52;
const RIGHT = 96;
const TOP = 26;
const BOTTOM = 40;

/** `series` have a name, points `[x, y]` and `ours`; `xs` and `ys` are the marks of the axes. */
export function lines({ title, series, xs, ys, xName, yName }) {
  const x = axis(xs, LEFT, WIDTH - RIGHT);
  const y = axis(ys, HEIGHT - BOTTOM, TOP);
  const drawn = [
    ...ys.map((v) => `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(v)}" y2="${y(v)}"/><text class="tick" x="${LEFT - 7}" y="${y(v) + 4}" text-anchor="end">${plain(v)}</text>`),
    ...xs.map((v) => `<text class="tick" x="${x(v)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${plain(v)}</text>`),
    `<text class="tick" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 4}" text-anchor="middle">${escape(xName)}</text>`,
    `<text class="tick" x="0" y="10">${escape(yName)}</text>`,
    ...series.map((one) => line(one, x, y)),
    ...names(series, y).map(({ one, at }) => `<text class="label${one.ours ? ' strong' : ''}" x="${x(last(one)[0]) + 8}" y="${at + 4}">${escape(one.name)}</text>`),
  ];
  const say = ({ name, points }) => `${name}: ${points.map(([px, py]) => `${plain(px)} ${xName} ${py}`).join(', ')}`;
  return frame(WIDTH, HEIGHT, `${title}. ${series.map(say).join('. ')}.`, drawn);
}

function line({ points, ours }, x, y) {
  const at = points.map(([px, py]) => `${x(px).toFixed(1)},${y(py).toFixed(1)}`);
  const kind = ours ? 'ours' : 'other';
  const dots = at.map((p) => `<circle class="${kind}" cx="${p.split(',')[0]}" cy="${p.split(',')[1]}" r="3.5"/>`);
  return `<polyline class="${kind}" points="${at.join(' ')}"/>${dots.join('')}`;
}

/** Heights of the names at the lines' ends, apart from each other. */
function names(series, y) {
  const placed = series.map((one) => ({ one, x: last(one)[0], at: y(last(one)[1]) })).sort((a, b) => a.at - b.at);
  for (const [i, name] of placed.entries()) {
    const above = placed.slice(0, i).filter((n) => n.x === name.x).at(-1);
    if (above) name.at = Math.max(name.at, above.at + 15);
  }
  return placed;
}

const last = ({ points }) => points.at(-1);

function axis(marks, from, to) {
  const [low, high] = [Math.log(marks[0]), Math.log(marks.at(-1))];
  return (value) => from + ((Math.log(value) - low) / (high - low)) * (to - from);
}

function plain(value) {
  if (value >= 1e6) return `${value / 1e6} M`;
  return value >= 1e4 ? `${value / 1e3} k` : String(value);
}
