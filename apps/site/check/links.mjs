// Follows every link and picture of the built site: node check/links.mjs ROOT BASE
//
// The file must be there, and the anchor in it. Links to other hosts are counted and not followed.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { ownPages } from './pages.mjs';

const [root, base] = process.argv.slice(2);
const dist = join(root, base);
const text = new Map();
const read = (file) => text.get(file) ?? text.set(file, readFileSync(join(dist, file), 'utf8')).get(file);
const decode = (value) => value.replace(/&amp;/g, '&').replace(/&quot;/g, '"').replace(/&#39;/g, "'");
/** What is linked to, and is only there if it has been built: the web app, rustdoc. */
const beside = (path) => /^(app|crates)\//.test(path) && !existsSync(join(dist, path.split('/')[0]));

const isFile = (file) => existsSync(join(dist, file)) && statSync(join(dist, file)).isFile();
const hasAnchor = (file, anchor) => read(file).includes(` id="${anchor}"`);

const faults = [];
let [inner, outer] = [0, 0];
for (const page of ownPages(dist)) {
  for (const [, value] of read(page).matchAll(/\s(?:href|src)="([^"]*)"/g)) follow(page, decode(value));
}
console.log(`${ownPages(dist).length} pages, ${inner} links within the site, ${outer} to other hosts`);
assert.deepEqual(faults, []);
assert.ok(inner > 1000, 'the pages have links');

function follow(page, href) {
  if (/^(https?:|mailto:)/.test(href)) return void outer++;
  if (href.startsWith('data:')) return;
  inner++;
  const [path, anchor] = href.split('#');
  const file = path === '' ? page : fileOf(page, path);
  if (file === undefined) faults.push(`${page}: ${href} is outside of ${base}`);
  else if (beside(file)) return;
  else if (!isFile(file)) faults.push(`${page}: ${href} is not there`);
  else if (anchor && file.endsWith('.html') && !hasAnchor(file, decodeURIComponent(anchor))) faults.push(`${page}: ${href} has no such heading`);
}

function fileOf(page, path) {
  const absolute = path.startsWith('/') ? path : posix.join(base, posix.dirname(page), path);
  if (!absolute.startsWith(base)) return undefined;
  const file = decodeURIComponent(absolute.slice(base.length).split('?')[0]);
  return file === '' || file.endsWith('/') ? `${file}index.html` : file;
}
