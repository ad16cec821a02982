// Opens every page of the built site in Chromium: node check/browser.mjs ROOT BASE [SCREENSHOTS]
//
// Nothing is asked of another host, nothing fails, nothing is wider than a phone; axe-core finds no
// fault on the main pages in light and dark; the search and the switch to dark work.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { serve } from '../../web/tests/serve.mjs';
import { ownPages } from './pages.mjs';

const [root, base, shots] = process.argv.slice(2);
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const MAIN = ['index', 'install', 'tutorials/picture', 'tutorials/graph', 'cookbook', 'api', 'compare', 'charts', 'model-card'];
/** Both sets of colors, and both layouts. */
const ACCESS = ['phone, light', 'desktop, dark'];
const SIZES = { phone: [390, 844], tablet: [768, 1024], desktop: [1440, 900] };

const server = await serve(resolve(root));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
});
const faults = [];
const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
const page = await context.newPage();
let asked = 0;
page.on('request', (request) => {
  asked++;
  if (isElsewhere(request.url())) faults.push(`${page.url()} asks ${request.url()}`);
});
// The next page opens before this one has fetched ahead what its links may need.
page.on('requestfailed', (request) => {
  const { errorText } = request.failure();
  if (errorText !== 'net::ERR_ABORTED') faults.push(`${page.url()}: ${request.url()}: ${errorText}`);
});
page.on('response', (response) => response.status() >= 400 && faults.push(`${page.url()}: ${response.url()} gives ${response.status()}`));
page.on('console', (message) => message.type() === 'error' && faults.push(`${page.url()}: ${message.text()}`));
page.on('pageerror', (error) => faults.push(`${page.url()}: ${error.message}`));

const open = (path) => page.goto(`${server.url}${base.slice(1)}${path}`, { waitUntil: 'load' });
const tooWide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

async function checkAccess(where, known = []) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  for (const v of violations.filter(({ id }) => !known.includes(id))) faults.push(`${where}: ${v.id}: ${v.nodes.map((n) => n.target).slice(0, 3).join('; ')} ${v.nodes[0].failureSummary}`);
}

const isElsewhere = (url) => new URL(url).origin !== new URL(server.url).origin;

/** The first page leads to the web app, if it has been built. */
async function openApp() {
  if (!existsSync(join(root, base, 'app/index.html'))) return console.log('target/web has not been built, so the app is not opened');
  const other = await context.newPage();
  other.on('request', (request) => isElsewhere(request.url()) && faults.push(`the app asks ${request.url()}`));
  await other.goto(`${server.url}${base.slice(1)}index.html`);
  await other.getByRole('link', { name: 'Try it in the browser' }).click();
  await other.getByRole('button', { name: 'Start the camera' }).waitFor({ timeout: 60_000 });
  assert.equal(new URL(other.url()).pathname, `${base}app/`);
  console.log('ok the first page leads to the app');
}

const pages = ownPages(join(root, base));
for (const path of pages) {
  await open(path);
  if ((await tooWide()) > 0) faults.push(`${path} is ${await tooWide()} pixels wider than a phone`);
}
console.log(`ok ${pages.length} pages opened, ${asked} requests, all of them to this server`);

// Elements fade in and out, and axe-core measures colors as they are at the moment.
await page.emulateMedia({ reducedMotion: 'reduce' });
for (const name of MAIN) {
  await open(`${name}.html`);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const [size, [width, height]] of Object.entries(SIZES)) {
      await page.setViewportSize({ width, height });
      const where = `${name}, ${size}, ${colorScheme}`;
      if ((await tooWide()) > 0) faults.push(`${where}: ${await tooWide()} pixels too wide`);
      if (ACCESS.includes(`${size}, ${colorScheme}`)) await checkAccess(where);
      if (shots) await shoot(`${size}-${colorScheme}-${name.replace('/', '-')}.png`);
    }
  }
}
console.log(`ok ${MAIN.length} main pages by axe-core, light and dark`);

async function shoot(name) {
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, name) });
}

await page.emulateMedia({ colorScheme: 'light' });
await page.setViewportSize({ width: 390, height: 844 });
await open('guide.html');
await page.getByRole('button', { name: 'mobile navigation' }).click();
await page.locator('.VPNavScreen').waitFor();
await checkAccess('the menu of a phone');
if (shots) await shoot('menu.png');
await page.setViewportSize({ width: 1440, height: 900 });
await open('index.html');
await page.getByRole('button', { name: 'Search' }).first().click();
await page.locator('#localsearch-input').fill('hidden near-duplicates');
const first = page.locator('#localsearch-list a').first();
await first.waitFor();
// VitePress' list of answers has links in its options, with names of their own.
await checkAccess('the search', ['label-content-name-mismatch', 'nested-interactive']);
if (shots) await shoot('search.png');
await first.click();
await page.waitForFunction(() => /hid/.test(document.querySelector('main')?.textContent ?? ''));
assert.notEqual(new URL(page.url()).pathname, `${base}index.html`, 'the answer is another page');
await open('index.html');
await page.locator('.VPSwitchAppearance:visible').click();
assert.ok(await page.evaluate(() => document.documentElement.classList.contains('dark')), 'the switch makes it dark');
console.log('ok the search finds, and the switch makes it dark');

await context.grantPermissions(['clipboard-read', 'clipboard-write']);
await open('tutorials/picture.html');
await page.locator('.language-console').first().hover();
await page.locator('.language-console > button.copy').first().click();
assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'moue find me.jpg');
console.log('ok a command is copied without what it prints');

await openApp();
await browser.close();
await server.stop();
assert.deepEqual(faults, []);
