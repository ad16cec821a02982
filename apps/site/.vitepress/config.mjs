import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { SECTIONS } from '../chapters.mjs';
import { slug } from '../stage/slug.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const target = process.env.SITE_TARGET ?? here('../../../target/site');
/** Where the site is on its server: GitHub puts a project's pages into a folder. */
const base = `${(process.env.SITE_BASE ?? '/').replace(/\/$/, '')}/`;

/** The browser itself refuses what would come from another host. */
const POLICY = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:";

/** Code that is indented gets the frame of a fenced block, which scrolls by itself. */
function frameIndentedCode({ tokens }) {
  for (const token of tokens.filter(({ type }) => type === 'code_block')) {
    token.type = 'fence';
    token.info = 'txt';
  }
}

/** The empty corner of a table is the heading of nothing. */
function emptyCorners({ tokens }) {
  for (const [i, token] of tokens.entries()) {
    if (token.type === 'th_open' && tokens[i + 1].content === '') token.tag = tokens[i + 2].tag = 'td';
  }
}

/** What `cargo doc` has written is put beside the site, and is no page of it. */
const rustdoc = existsSync(`${target}/../doc/moue`) ? [{ text: 'Rust, every item', link: '/crates/moue/', target: '_self' }] : [];

export default defineConfig({
  base,
  srcDir: `${target}/pages`,
  outDir: `${target}/dist${base}`,
  cacheDir: `${target}/cache`,
  lang: 'en-US',
  title: 'moue',
  description: 'Make a face. moue finds the pictures that make the same one.',
  head: [
    ['meta', { 'http-equiv': 'Content-Security-Policy', content: POLICY }],
    ['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}icon.svg` }],
  ],
  // The web app and the documentation of the crates are put beside the site.
  ignoreDeadLinks: [/^\/(app|crates)\//],
  markdown: {
    anchor: { slugify: slug },
    toc: { slugify: slug },
    attrs: { disable: true },
    config(markdown) {
      markdown.core.ruler.push('frame-indented-code', frameIndentedCode);
      markdown.core.ruler.push('empty-corners', emptyCorners);
    },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
  vite: { build: { assetsInlineLimit: 0, chunkSizeWarningLimit: 2000 } },
  themeConfig: {
    logo: '/icon.svg',
    search: {
      provider: 'local',
      // Less forgiving than the default, by which `near` is found in `search`.
      options: { miniSearch: { searchOptions: { fuzzy: 0.1, prefix: true, boost: { title: 4, text: 2, titles: 1 } } } },
    },
    outline: [2, 3],
    nav: [
      { text: 'Install', link: '/install' },
      { text: 'Tutorials', link: '/tutorials/picture', activeMatch: '^/tutorials/' },
      { text: 'API', link: '/api' },
      { text: 'Compare', link: '/compare' },
      { text: 'Try it', link: '/app/', target: '_self' },
    ],
    sidebar: SECTIONS.map(({ title, chapters }) => ({
      text: title,
      items: [
        ...chapters.map((chapter) => ({ text: chapter.title, link: `/${chapter.page}` })),
        ...(title === 'Build on it' ? rustdoc : []),
      ],
    })),
    externalLinkIcon: true,
  },
});
