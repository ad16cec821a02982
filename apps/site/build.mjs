// Builds the documentation site: node build.mjs
//
// SITE_BASE is its folder on the server, `/` unless given, and the site lies in that folder of
// target/site/dist, so that this one is the server's root. The web app (target/web, by `cargo xtask
// web`) goes into `app/`, the documentation of the crates (target/doc, by `cargo doc`) into `crates/`;
// what has not been built is left out.

import { cpSync, existsSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vitepress';
import { stage } from './stage/stage.mjs';

const own = fileURLToPath(new URL('.', import.meta.url));
const repository = resolve(own, '../..');
const target = process.env.CARGO_TARGET_DIR ?? join(repository, 'target');
const site = (process.env.SITE_TARGET ??= join(target, 'site'));

rmSync(join(site, 'dist'), { recursive: true, force: true });
const sources = stage(repository, join(site, 'pages'));
// The pages import this package's Vue, which is looked for above them.
rmSync(join(site, 'node_modules'), { force: true });
symlinkSync(join(own, 'node_modules'), join(site, 'node_modules'));
await build(own);
const dist = join(site, 'dist', process.env.SITE_BASE ?? '/');
for (const [from, to] of [['web', 'app'], ['doc', 'crates']]) {
  const there = existsSync(join(target, from));
  if (there) cpSync(join(target, from), join(dist, to), { recursive: true });
  else console.log(`target/${from} has not been built, so ${to}/ is left out`);
}
const pages = readdirSync(dist, { recursive: true }).filter((f) => f.endsWith('.html') && !/^(app|crates)\//.test(f));
console.log(`${pages.length} pages, ${sources} of them files of the repository`);
