// Puts charts into a page: a line `[[chart: NAME]]` becomes the chart of that name.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHARTS } from './charts.mjs';
import { escape } from './bars.mjs';

export function drawCharts(text, results) {
  return text.replace(/^\[\[chart: (\w+)\]\]$/gm, (_, name) => figure(name, results));
}

function figure(name, results) {
  const chart = CHARTS[name];
  if (!chart) throw new Error(`there is no chart ${name}`);
  const { rows, command, machine, date } = JSON.parse(readFileSync(join(results, `${chart.result}.json`), 'utf8'));
  const says = typeof chart.says === 'function' ? chart.says(rows) : chart.says;
  const where = [machine, date].filter(Boolean).join(', ');
  // Without empty lines, as Markdown would end the block there.
  return [
    `<figure class="chart">`,
    `<figcaption><strong>${escape(chart.title)}</strong><br>${escape(says)}</figcaption>`,
    chart.draw(rows, chart.title),
    `<p class="measured">${where ? `${escape(where)}. ` : ''}<code>${escape(command)}</code></p>`,
    `</figure>`,
  ].join('\n');
}
