// The figures that are drawn are those that the tables state: node check/figures.mjs
//
// Every row of bench/results has a line in the table that it names, with the row's words and numbers.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const results = `${repository}bench/results/`;

/** The lines of tables below a heading, up to the next one. */
export function tableLines(markdown, heading) {
  const lines = markdown.split('\n');
  const from = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  assert.notEqual(from, -1, `there is no heading ${heading}`);
  const rest = lines.slice(from + 1);
  const to = rest.findIndex((line) => /^#+ /.test(line));
  return rest.slice(0, to === -1 ? undefined : to).filter((line) => line.startsWith('|'));
}

/** Whether a line of a table has all words and numbers of a row. */
export function states(line, row) {
  const values = Object.values(row).flat();
  const words = line.replace(/[*`]/g, '').replace(/\s+/g, ' ');
  const numbers = (line.replace(/(\d),(\d{3})/g, '$1$2').match(/\d+(\.\d+)?/g) ?? []).map(Number);
  return values.every((value) => (typeof value === 'number' ? numbers.includes(value) : words.includes(value.replace(/`/g, ''))));
}

let rows = 0;
for (const name of readdirSync(results).filter((file) => file.endsWith('.json'))) {
  const result = JSON.parse(readFileSync(results + name, 'utf8'));
  const lines = tableLines(readFileSync(repository + result.table.file, 'utf8'), result.table.heading);
  // What the words beside the table say and its lines do not.
  const unsaid = new Set(result.table.beside);
  for (const row of result.rows) {
    const said = Object.fromEntries(Object.entries(row).filter(([key]) => !unsaid.has(key)));
    assert.ok(lines.some((line) => states(line, said)), `${name}: no line of ${result.table.file} has ${JSON.stringify(said)}`);
    rows++;
  }
  assert.ok(result.command, `${name} names its command`);
}
assert.ok(rows > 80, `${rows} rows`);
console.log(`${rows} rows of bench/results are in the tables`);
