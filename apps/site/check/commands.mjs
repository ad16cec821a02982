// Runs what the tutorials and the cookbook tell people to type: node check/commands.mjs TARGET [PAGE …]
//
// Every line with `$` in a `console` block is run by bash, in a folder of its own for each page, and
// must end well. What a block shows below a command must be in what it prints; numbers may differ, as
// processors round differently. Blocks of other languages are not run. TARGET has what cargo built: the
// program, and the examples as `cargo build --workspace --examples` builds them with it; for one crate
// alone cargo would compile what both need anew, with other features.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { commands, fenced, plain } from './console.mjs';
import { PAGES, env, moue, pageFolder, repository, run } from './tutorials.mjs';

/** Runs all commands of a page; returns how many there are. */
function check(page) {
  const text = readFileSync(join(repository, `docs/${page}.md`), 'utf8');
  const folder = pageFolder(page, text);
  const all = commands(text);
  for (const { command, shown } of all) {
    const printed = run(command, folder).split('\n').map(plain);
    for (const line of shown) assert.ok(printed.includes(plain(line)), `${page}: ${command} does not print "${line}" but\n${printed.join('\n')}`);
  }
  rmSync(folder, { recursive: true });
  return all.length;
}

/** What is shown of a program is in one that the tests compile. */
function checkLibrary() {
  const text = readFileSync(join(repository, 'docs/tutorials/library.md'), 'utf8');
  const files = ['first.rs', 'find.rs', 'gallery.rs', 'track.rs'];
  const sources = files.map((file) => readFileSync(join(repository, 'crates/moue/examples', file), 'utf8'));
  for (const block of fenced(text, 'rust')) assert.ok(sources.some((source) => source.includes(block)), `no program has\n${block}`);
}

/** The first page shows what the program answers today. */
function checkFirstPage() {
  const home = readFileSync(new URL('../.vitepress/theme/Home.vue', import.meta.url), 'utf8');
  const shown = [...home.matchAll(/caption: (['"])(.+?)\1/g)].map((match) => match[2]);
  const pictures = [...home.matchAll(/pictures\/(\w+-\w+)\.webp/g)].map((match) => match[1]);
  const answer = execFileSync(moue, ['find', join(repository, 'docs/sample-head.jpg'), '--json'], { env, encoding: 'utf8' });
  const { matches } = JSON.parse(answer).faces[0];
  assert.deepEqual(shown, matches.map((match) => match.caption ?? match.label));
  assert.deepEqual(pictures, matches.map((match) => match.path.replace('builtin:', '')));
}

const asked = process.argv.slice(3);
let count = 0;
for (const page of asked.length > 0 ? asked : PAGES) {
  const begun = performance.now();
  const own = check(page);
  count += own;
  console.log(`ok ${basename(page)}: ${own} commands (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
}
checkLibrary();
checkFirstPage();
if (asked.length === 0) assert.ok(count > 60, `${count} commands`);
console.log(`ok ${count} commands, the library's programs, the first page`);
