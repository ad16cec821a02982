// The page of `moue serve` in Chromium: node crates/moue-server/tests/page.mjs MOUE [SCREENSHOTS]
//
// MOUE is the program, with the feature `server`. Needs the packages of apps/web (npm ci there). The
// pictures are drawings that the server of the compiled-in gallery sends.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(new URL('../../../apps/web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const [moue, shots] = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), 'moue-page-'));
const SIZES = { phone: [390, 844], tablet: [768, 1024], desktop: [1440, 900] };
const SCRIPT = '<img src=x onerror=alert(1)>';

const children = [];
async function serve(...args) {
  const child = spawn(moue, ['serve', '--listen', '127.0.0.1:0', ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  children.push(child);
  let log = '';
  return new Promise((resolve, reject) => {
    child.on('exit', () => reject(new Error(log)));
    child.stderr.on('data', (data) => {
      log += data;
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(log);
      if (url) resolve(url[0]);
    });
  });
}

async function run(...args) {
  const child = spawn(moue, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  for await (const part of child.stdout) out += part;
  return out.trim();
}

// The list is read anew after a change, which takes as long as it takes.
const shows = (page, count) =>
  page.waitForFunction((n) => document.querySelectorAll('#grid .card').length === n, count);

const step = async (name, body) => {
  const begun = performance.now();
  await body();
  console.log(`ok ${name} (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
};

const drawings = await serve();
const files = [];
const { pictures } = await (await fetch(`${drawings}/v1/pictures?limit=200`)).json();
for (const picture of pictures.filter((_, i) => i % 8 === 0)) {
  const file = join(work, `${picture.label.replaceAll(/\W+/g, '-')}.png`);
  const content = await fetch(`${drawings}/v1/pictures/${picture.id}/content`);
  writeFileSync(file, Buffer.from(await content.arrayBuffer()));
  files.push(file);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
});
const faults = [];
async function open(url, size = 'desktop', colorScheme = 'light') {
  const [width, height] = SIZES[size];
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, bypassCSP: false });
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('dialog', (dialog) => faults.push(`a dialog: ${dialog.message()}`));
  page.on('console', (message) => message.type() === 'error' && faults.push(`${message.text()} ${message.location().url}`));
  page.on('request', (request) => !/^(blob|data):/.test(request.url()) && !request.url().startsWith(new URL(url).origin) && faults.push(request.url()));
  await page.goto(url);
  return page;
}
const shot = async (page, name) => {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.waitForTimeout(700);
  await page.screenshot({ path: join(shots, `${name}.png`) });
};
const cards = (page) => page.locator('#grid .card');
const axe = async (page, where) => {
  // The policy allows no script of ours in the page; the protocol of the browser may.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  const found = violations.map((v) => `${v.id}: ${v.nodes[0].target} ${v.nodes[0].failureSummary}`);
  assert.deepEqual(found, [], `axe-core on ${where}`);
};

const gallery = join(work, 'my.moue');
const mine = await serve('--gallery', gallery);

await step('an empty gallery says what to do', async () => {
  const page = await open(mine, 'phone');
  await page.getByText('Nothing here yet').waitFor();
  await shot(page, 'empty-phone');
  await page.context().close();
});

await step('pictures are added', async () => {
  const page = await open(mine);
  await page.locator('#file-add').setInputFiles(files);
  await page.getByText(`${files.length} pictures added`).waitFor({ timeout: 60_000 });
  await shows(page, files.length);
  await page.locator('#file-add').setInputFiles(files.slice(0, 2));
  await page.getByText('2 already there').waitFor();
  await page.context().close();
});

await step('the face of a photo is found', async () => {
  for (const size of Object.keys(SIZES)) {
    for (const scheme of ['light', 'dark']) {
      const page = await open(mine, size, scheme);
      await cards(page).first().waitFor();
      await shot(page, `library-${size}-${scheme}`);
      await page.locator('#file-find').setInputFiles(files[5]);
      await page.locator('.matches .card').first().waitFor();
      const best = await page.locator('.matches .more').first().textContent();
      assert.equal(best, '100 % alike');
      await shot(page, `found-${size}-${scheme}`);
      await axe(page, `the answer, ${size}, ${scheme}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.ok(!wide, `it scrolls sideways, ${size}`);
      await page.locator('.matches .card').first().click();
      await page.locator('#picture[open]').waitFor();
      await page.waitForFunction(() => document.querySelector('#large').naturalWidth > 0);
      await shot(page, `picture-${size}-${scheme}`);
      await axe(page, `a picture, ${size}, ${scheme}`);
      await page.context().close();
    }
  }
});

await step('words are searched, edited, and never run', async () => {
  const page = await open(mine);
  await cards(page).first().click();
  await page.locator('#picture[open]').waitFor();
  await page.fill('#label', SCRIPT);
  await page.fill('#caption', SCRIPT);
  await page.fill('#tags', `cats, ${SCRIPT}`);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  await page.reload();
  await page.locator('#grid .label', { hasText: SCRIPT }).waitFor();
  await page.fill('#text', 'onerror');
  await page.getByText('1 found').waitFor();
  assert.equal(await cards(page).count(), 1);
  await page.fill('#text', '#cats');
  await page.waitForFunction(() => document.querySelector('#grid .more')?.textContent.includes('cats'));
  await page.getByText('1 found').waitFor();
  await page.fill('#text', 'no such words');
  await page.getByText('No picture has these words.').waitFor();
  await page.context().close();
});

await step('a picture is removed, at the second press', async () => {
  const page = await open(mine);
  await cards(page).first().click();
  // The browser tells of each answer that there is no such picture, also to what was asked before.
  await page.waitForFunction(() => [...document.querySelectorAll('#grid img, #picture img')].every((image) => image.src && image.complete));
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('button', { name: 'Remove for good?' }).click();
  await page.getByText('Removed.').waitFor();
  await shows(page, files.length - 1);
  await page.context().close();
});

await step('files are dropped, to be found or added', async () => {
  const page = await open(mine, 'desktop');
  await cards(page).first().waitFor();
  const bytes = readFileSync(files[0]).toString('base64');
  const transfer = await page.evaluateHandle((base64) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], 'again.png', { type: 'image/png' }));
    return data;
  }, bytes);
  await page.dispatchEvent('body', 'dragenter', { dataTransfer: transfer });
  await shot(page, 'drop-desktop');
  await page.dispatchEvent('#drop-add', 'drop', { dataTransfer: transfer });
  await page.getByText('1 picture added').waitFor();
  await shows(page, files.length);
  await page.context().close();
});

await step('a large gallery is read as it is scrolled', async () => {
  const page = await open(drawings, 'tablet');
  await cards(page).first().waitFor();
  assert.ok(await page.locator('#add').isHidden(), 'drawings cannot be added to');
  const before = await cards(page).count();
  assert.ok(before < 400);
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await page.waitForFunction((n) => document.querySelectorAll('#grid .card').length > n, before);
  await shot(page, 'drawings-tablet');
  await page.context().close();
});

await step('a server with keys asks for one', async () => {
  const keys = join(work, 'keys.json');
  const key = await run('serve', 'key', 'add', 'page', '--keys', keys);
  const page = await open(await serve('--gallery', gallery, '--keys', keys), 'phone');
  await page.locator('#ask[open]').waitFor();
  await shot(page, 'key-phone');
  await axe(page, 'the question');
  await page.fill('#secret', key);
  await page.getByRole('button', { name: 'Use it' }).click();
  await cards(page).first().waitFor();
  // The browser reports the first refusal itself.
  const expected = (fault) => fault.includes('a status of 401 ');
  faults.splice(0, faults.length, ...faults.filter((fault) => !expected(fault)));
  await page.context().close();
});

await browser.close();
for (const child of children) {
  child.removeAllListeners('exit');
  child.kill();
}
rmSync(work, { recursive: true });
assert.deepEqual(faults, []);
