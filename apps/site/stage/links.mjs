// Links of a chapter, as they are on the site. In the repository they name files beside the chapter,
// which is what GitHub follows.

import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';

const PICTURE = /\.(png|jpe?g|svg|webp|gif)$/;
/** A link or picture of Markdown: its text, which may go over several lines, and its address. */
const LINK = /(!?)\[((?:[^\[\]]|\[[^\]]*\]|!\[[^\]]*\]\([^)]*\))*)\]\(([^()\s]+)\)/g;

/** Rewrites all links outside of code; adds what they need to `sources` and `pictures`. */
export function rewriteLinks(text, where) {
  return outsideOfCode(text, (prose) =>
    prose.replace(LINK, (_, mark, words, href) => {
      const inner = words.includes('](') ? rewriteLinks(words, where) : words;
      return `${mark}[${inner}](${mark ? picture(href, where) : address(href, where)})`;
    }),
  );
}

/** Applies `change` to what is not a fenced block. */
function outsideOfCode(text, change) {
  const parts = text.split(/(^ *(`{3,})[^\n]*\n[\s\S]*?^ *\2 *$)/m);
  // A block gives two parts: all of it, and its fence.
  return parts.map((part, i) => [change, (code) => code, () => ''][i % 3](part)).join('');
}

function picture(href, where) {
  if (isElsewhere(href)) return href;
  const file = resolve(where.file, href);
  where.pictures.add(file);
  return `/pictures/${file}`;
}

function address(href, where) {
  if (isElsewhere(href) || href.startsWith('#') || href.startsWith('/')) return href;
  const [path, anchor] = href.split('#');
  const file = resolve(where.file, decodeURIComponent(path));
  return `/${page(file, where)}.md${anchor ? `#${anchor}` : ''}`;
}

function page(file, where) {
  const readme = posix.join(file, 'README.md');
  const chapter = where.site.get(file) ?? where.site.get(readme);
  if (chapter) return chapter;
  if (!existsSync(join(where.repository, file))) throw new Error(`${where.file} links to ${file}, which is not there`);
  if (PICTURE.test(file)) throw new Error(`${where.file} links to the picture ${file}; show it`);
  const source = existsSync(join(where.repository, readme)) ? readme : file;
  where.sources.add(source);
  return pageName(source);
}

/** The page of a file that has no chapter. */
export const pageName = (file) => `files/${file.replace(/\.md$/, '')}`;

const isElsewhere = (href) => /^[a-z]+:/.test(href);

function resolve(from, href) {
  const file = posix.normalize(posix.join(posix.dirname(from), href)).replace(/\/$/, '');
  if (file.startsWith('..')) throw new Error(`${from}: ${href} is outside of the repository`);
  return file;
}
