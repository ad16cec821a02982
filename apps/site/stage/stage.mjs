// Lays out the folder that VitePress reads: every chapter with links that hold on the site, the
// pictures that they show, and a page for each file of the repository that one of them links to.

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CHAPTERS } from '../chapters.mjs';
import { drawCharts } from '../charts/draw.mjs';
import { pageName, rewriteLinks } from './links.mjs';
import { pageOf } from './source.mjs';

/** Writes all pages into `out`; returns how many files of the repository got one. */
export function stage(repository, out) {
  rmSync(out, { recursive: true, force: true });
  const site = new Map(CHAPTERS.map(({ file, page }) => [file, page]));
  const sources = new Set();
  const pictures = new Set();
  const write = (page, text) => put(join(out, `${page}.md`), plainLanguages(text));
  const linked = (file, text) => rewriteLinks(text, { file, repository, site, sources, pictures });

  for (const { file, page, searched } of CHAPTERS) {
    const text = readFileSync(join(repository, file), 'utf8');
    const head = searched ? '' : '---\nsearch: false\n---\n\n';
    write(page, head + drawCharts(linked(file, text), join(repository, 'bench/results')));
  }
  write('index', readFileSync(join(repository, 'apps/site/pages/index.md'), 'utf8'));
  // A page of a folder links to its files, which are then pages too.
  for (const source of sources) write(pageName(source), linked(source, pageOf(repository, source)));
  for (const picture of pictures) copy(join(repository, picture), join(out, 'public/pictures', picture));
  for (const icon of ['icon.svg', 'icon-192.png']) copy(join(repository, 'apps/web/public', icon), join(out, 'public', icon));
  return sources.size;
}

/** Names of languages that the highlighter knows: `rust,no_run` tells rustdoc something. */
const plainLanguages = (text) => text.replace(/^( *```+\w+),\S+$/gm, '$1').replace(/^( *```+)pbtxt$/gm, '$1txt');

function put(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function copy(from, to) {
  if (!existsSync(from) || !statSync(from).isFile()) throw new Error(`there is no picture ${from}`);
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}
