// Runs what the tutorials and the cookbook tell people to type: node check/commands.mjs TARGET [PAGE …]
//
// Every line with `$` in a `console` block is run by bash, in a folder of its own for each page, and
// must end well. What a block shows below a command must be in what it prints; numbers may differ, as
// processors round differently. Blocks of other languages are not run. TARGET has what cargo built: the
// program, and the examples as `cargo build --workspace --examples` builds them with it; for one crate
// alone cargo would compile what both need anew, with other features.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commands, fenced } from './console.mjs';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const target = resolve(process.argv[2]);
const moue = join(target, 'moue');
const PAGES = ['install', 'tutorials/picture', 'tutorials/gallery', 'tutorials/live', 'tutorials/graph', 'tutorials/library', 'cookbook'];
const env = { ...process.env, PATH: `${target}${delimiter}${process.env.PATH}`, PAGER: 'cat' };
delete env.MOUE_GALLERY;

/** A folder with what the pages start from. */
function world() {
  const folder = mkdtempSync(join(tmpdir(), 'moue-tutorial-'));
  copyFileSync(join(repository, 'docs/sample-head.jpg'), join(folder, 'me.jpg'));
  copyFileSync(join(repository, 'docs/pictures/clip.gif'), join(folder, 'clip.gif'));
  const save = ['find', 'me.jpg', '--tag', 'mina', '--top', '60', '--pure', '--save', 'pictures'];
  execFileSync(moue, save, { cwd: folder, env, stdio: 'ignore' });
  const bored = readdirSync(join(folder, 'pictures')).find((name) => name.endsWith('mina-bored.png'));
  copyFileSync(join(folder, 'pictures', bored), join(folder, 'bored.png'));
  return folder;
}

function run(command, folder) {
  const built = command.replace(/^cargo run --release -p moue --example (\w+)(?: --)?/, `${target}/examples/$1`);
  const cwd = built === command ? folder : repository;
  const ran = spawnSync('bash', ['-c', `set -euo pipefail\n${built}`], { cwd, env, encoding: 'utf8', maxBuffer: 1 << 28 });
  // `head` closes the pipe early, of which bash tells.
  assert.ok(ran.status === 0 || (ran.status === 141 && command.includes('| head')), `${command}\n${ran.stderr}`);
  return ran.stdout + ran.stderr;
}

const plain = (line) => line.replace(/\d+/g, '#').trim();

/** Runs all commands of a page; returns how many there are. */
function check(page) {
  const text = readFileSync(join(repository, `docs/${page}.md`), 'utf8');
  const folder = world();
  // The tutorial on galleries writes this folder itself, that on graphs says to save the file.
  if (page === 'tutorials/gallery') rmSync(join(folder, 'pictures'), { recursive: true });
  for (const graph of fenced(text, 'pbtxt')) writeFileSync(join(folder, 'draw.pbtxt'), graph);
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
  const answer = execFileSync(moue, ['find', join(repository, 'docs/sample-head.jpg'), '--json'], { env, encoding: 'utf8' });
  assert.deepEqual(shown, JSON.parse(answer).faces[0].matches.map((match) => match.caption ?? match.label));
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
