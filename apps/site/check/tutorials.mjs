// The tutorials' commands, and the folder in which they are typed. The first argument of the program that
// imports this is the folder with what cargo built.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fenced } from './console.mjs';

export const repository = fileURLToPath(new URL('../../../', import.meta.url));
const target = resolve(process.argv[2]);
export const moue = join(target, 'moue');
export const PAGES = ['install', 'tutorials/picture', 'tutorials/gallery', 'tutorials/live', 'tutorials/graph', 'tutorials/library', 'cookbook'];
export const env = { ...process.env, PATH: `${target}${delimiter}${process.env.PATH}`, PAGER: 'cat' };
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

/** Runs a command in a folder; returns what it prints. */
export function run(command, folder) {
  const built = command.replace(/^cargo run --release -p moue --example (\w+)(?: --)?/, `${target}/examples/$1`);
  const cwd = built === command ? folder : repository;
  const ran = spawnSync('bash', ['-c', `set -euo pipefail\n${built}`], { cwd, env, encoding: 'utf8', maxBuffer: 1 << 28 });
  // `head` closes the pipe early, of which bash tells.
  assert.ok(ran.status === 0 || (ran.status === 141 && command.includes('| head')), `${command}\n${ran.stderr}`);
  return ran.stdout + ran.stderr;
}

/** A folder with what this page, whose text is given, starts from. */
export function pageFolder(page, text) {
  const folder = world();
  // The tutorial on galleries writes this folder itself, that on graphs says to save the file.
  if (page === 'tutorials/gallery') rmSync(join(folder, 'pictures'), { recursive: true });
  for (const graph of fenced(text, 'pbtxt')) writeFileSync(join(folder, 'draw.pbtxt'), graph);
  return folder;
}
