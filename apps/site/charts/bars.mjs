// A bar chart as SVG: a line of words above each bar, so that it can be read on a phone.

const WIDTH = 440;
const BAR = 16;
const WORDS = 19;
const GAP = 12;
/** Room for the number behind the longest bar. */
const NUMBER = 92;
const GROUP = 30;

/** `groups` have a name and rows of `{ label, value, ours, note }`; all share one scale. */
export function bars({ title, groups, digits = 2, most }) {
  const rows = groups.flatMap((group) => group.rows);
  const scale = (WIDTH - NUMBER) / (most ?? Math.max(...rows.map((row) => row.value)));
  let y = 0;
  const drawn = [];
  for (const { name, rows: own } of groups) {
    if (name) drawn.push(`<text class="group" x="0" y="${(y += GROUP) - 10}">${escape(name)}</text>`);
    for (const row of own) {
      drawn.push(bar(row, y, scale, digits));
      y += WORDS + BAR + GAP;
    }
  }
  return frame(WIDTH, y - GAP + 2, spoken(title, groups, digits), drawn);
}

function bar({ label, value, ours, note = '' }, y, scale, digits) {
  const width = Math.max(2, value * scale).toFixed(1);
  const shown = `${value.toFixed(digits)}${note ? `  ${note}` : ''}`;
  return (
    `<text class="label" x="0" y="${y + WORDS - 6}">${escape(label)}</text>` +
    `<rect class="${ours ? 'ours' : 'other'}" x="0" y="${y + WORDS}" width="${width}" height="${BAR}" rx="4"/>` +
    `<text class="number" x="${Number(width) + 7}" y="${y + WORDS + 13}">${escape(shown)}</text>`
  );
}

/** What a screen reader says in the picture's place. */
function spoken(title, groups, digits) {
  const say = ({ name, rows }) => `${name ? `${name}: ` : ''}${rows.map((r) => `${r.label} ${r.value.toFixed(digits)}`).join(', ')}`;
  return `${title}. ${groups.map(say).join('. ')}.`;
}

export function frame(width, height, words, drawn) {
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(words)}">${drawn.join('')}</svg>`;
}

export function escape(text) {
  return String(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;').replace(/\{/g, '&#123;');
}
