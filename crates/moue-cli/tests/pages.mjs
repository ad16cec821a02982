// The page of `moue timeline --page` and that of `moue live --overlay` in Chromium:
// node crates/moue-cli/tests/pages.mjs MOUE [SCREENSHOTS]
//
// MOUE is the program, with the feature `server`. Needs ffmpeg and the packages of apps/web (npm ci
// there). The people are drawings that the server of the compiled-in gallery sends.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(new URL('../../../apps/web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const [moue, shots] = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), 'moue-pages-'));
const SIZES = { phone: [390, 844], tablet: [768, 1024], desktop: [1440, 900] };
const SIDE = 256;

const children = [];
/** Starts moue and returns its process with the address that it names. */
async function begin(args, stdin = 'ignore') {
  const child = spawn(moue, args, { cwd: work, stdio: [stdin, 'pipe', 'pipe'] });
  children.push(child);
  child.stdout.resume();
  let log = '';
  const url = await new Promise((resolve, reject) => {
    child.on('exit', () => reject(new Error(log)));
    child.stderr.on('data', (data) => {
      log += data;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(log);
      if (found) resolve(found[0]);
    });
  });
  return { child, url };
}

const step = async (name, body) => {
  const begun = performance.now();
  await body();
  console.log(`ok ${name} (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
};

/** The pixels of drawings, by name. */
async function drawings(...names) {
  const { child, url } = await begin(['serve', '--listen', '127.0.0.1:0']);
  const found = {};
  for (let cursor = ''; cursor !== null && Object.keys(found).length < names.length; ) {
    const answer = await fetch(`${url}/v1/pictures?limit=200${cursor && `&cursor=${cursor}`}`);
    const { pictures, next } = await answer.json();
    cursor = next ?? null;
    for (const { id, path } of pictures) {
      const name = names.find((name) => path === `builtin:${name}`);
      if (!name) continue;
      const file = join(work, `${name}.png`);
      writeFileSync(file, Buffer.from(await (await fetch(`${url}/v1/pictures/${id}/content`)).arrayBuffer()));
      found[name] = execFileSync('ffmpeg', ['-v', 'error', '-i', file, '-vf', `scale=${SIDE}:${SIDE}`, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-']);
    }
  }
  child.kill();
  assert.equal(Object.keys(found).length, names.length, 'a drawing is missing');
  return found;
}

/** Two people beside each other as a video of 25 frames a second. */
function clip(name, people, parts) {
  const row = ([left, right]) => {
    const lines = [];
    for (let y = 0; y < SIDE; y++) {
      for (const pixels of [people[left], people[right]]) lines.push(pixels.subarray(y * SIDE * 3, (y + 1) * SIDE * 3));
    }
    return Buffer.concat(lines);
  };
  const frames = Buffer.concat(parts.flatMap(([pair, count]) => Array(count).fill(row(pair))));
  const size = `${2 * SIDE}x${SIDE}`;
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', size, '-r', '25', '-i', '-', '-pix_fmt', 'yuv420p', join(work, name)], { input: frames });
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
});
const faults = [];
async function context(size = 'desktop', colorScheme = 'light') {
  const [width, height] = SIZES[size];
  return browser.newContext({ viewport: { width, height }, colorScheme });
}
async function open(within, url) {
  const page = await within.newPage();
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('request', (request) => /^https?:/.test(request.url()) && !request.url().startsWith(new URL(url).origin) && faults.push(request.url()));
  await page.goto(url);
  return page;
}
const shot = async (page, name) => {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`) });
};
const axe = async (page, what) => {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => axe.run());
  assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html)}`), [], what);
};

try {
  const people = await drawings('mina-calm', 'mina-laugh', 'gus-calm', 'gus-furious');
  const calm = ['mina-calm', 'gus-calm'];
  clip('two people.mp4', people, [[calm, 40], [['mina-laugh', 'gus-calm'], 25], [calm, 60], [['mina-calm', 'gus-furious'], 25], [calm, 40]]);
  execFileSync(moue, ['timeline', 'two people.mp4', '--page', 'parts.html'], { cwd: work });
  const page = pathToFileURL(join(work, 'parts.html')).href;
  const command = (page) => page.locator('#command').textContent();
  const all = "moue timeline 'two people.mp4' --reel 'two people-reel.mp4'";

  await step('the page is whole in every size and scheme', async () => {
    for (const size of Object.keys(SIZES)) {
      for (const scheme of ['light', 'dark']) {
        const within = await context(size, scheme);
        const shown = await open(within, page);
        assert.equal(await shown.locator('li').count(), 2);
        await shown.waitForFunction(() => document.querySelector('video').readyState > 0);
        await shot(shown, `parts-${size}-${scheme}`);
        await axe(shown, `${size}, ${scheme}`);
        const wide = await shown.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        assert.ok(!wide, `it scrolls sideways, ${size}`);
        const cut = await shown.evaluate(() => document.querySelector('#command').scrollWidth > document.querySelector('#command').clientWidth);
        assert.ok(!cut, `the command is cut off, ${size}`);
        await within.close();
      }
    }
  });

  await step('ticks make the command and are remembered', async () => {
    const within = await context();
    const shown = await open(within, page);
    assert.equal(await command(shown), all);
    // By keys alone: the first tick comes after the video, All and None.
    await shown.locator('#none').focus();
    await shown.keyboard.press('Tab');
    await shown.keyboard.press('Space');
    assert.equal(await command(shown), `${all} --only 2`);
    await shown.reload();
    assert.equal(await command(shown), `${all} --only 2`);
    const again = await open(within, page);
    assert.equal(await command(again), `${all} --only 2`, 'opened anew, without the part behind #');
    await again.locator('#layout').selectOption('corner');
    assert.equal(await command(again), `${all} --layout corner --only 2`);
    await again.locator('#none').click();
    assert.ok(await again.locator('#copy').isDisabled());
    await again.locator('#all').click();
    assert.equal(await command(again), `${all} --layout corner`);
    await within.close();
  });

  await step('the command is copied, and cuts what was ticked', async () => {
    const within = await context();
    const shown = await open(within, page);
    await shown.locator('li input').first().uncheck();
    await shown.locator('#copy').click();
    await shown.getByText('Copied').waitFor();
    const words = await command(shown);
    execFileSync('sh', ['-c', words.replace('moue', `'${moue}'`)], { cwd: work });
    const seconds = execFileSync('ffprobe', ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', 'two people-reel.mp4'], { cwd: work });
    assert.ok(Number(seconds) > 2 && Number(seconds) < 4, `one moment: ${seconds} s`);
    await within.close();
  });

  await step('a click on a moment goes there', async () => {
    const within = await context();
    const shown = await open(within, page);
    await shown.waitForFunction(() => document.querySelector('video').readyState > 0);
    const moment = shown.locator('li').nth(1);
    await moment.locator('button').click();
    const at = Number(await moment.getAttribute('data-time'));
    await shown.waitForFunction((at) => Math.abs(document.querySelector('video').currentTime - at) < 0.05, at);
    assert.ok(await moment.locator('input').isChecked(), 'it ticks nothing');
    await within.close();
  });

  await step('the overlay shows the reaction on nothing', async () => {
    const live = ['live', '--raw', `${SIDE}x${SIDE}@5`, '--json', '--overlay', '0', '--hold', '0'];
    const { child, url } = await begin(live, 'pipe');
    // It is ended while it reads.
    child.stdin.on('error', () => {});
    const see = (pixels) => { for (let i = 0; i < 10; i++) child.stdin.write(pixels); };
    const within = await context('desktop');
    const shown = await open(within, `${url}/?fade=0`);
    const figure = shown.locator('figure');
    const ground = () => shown.evaluate(() => getComputedStyle(document.body).backgroundColor + getComputedStyle(document.documentElement).backgroundColor);
    assert.match(await ground(), /^(rgba\(0, 0, 0, 0\)){2}$/);
    assert.equal(await figure.count(), 0);
    see(people['mina-laugh']);
    await figure.getByText('I can\'t breathe!').waitFor();
    if (shots) {
      // A checkered ground, as programs show what is transparent.
      await shown.addStyleTag({ content: 'html { background: repeating-conic-gradient(#bbb 0 25%, #fff 0 50%) 0 0 / 40px 40px !important }' });
      await shot(shown, 'overlay');
    }
    see(people['gus-furious']);
    await shown.waitForFunction(() => document.querySelectorAll('figure').length === 1 && !document.querySelector('figcaption').textContent.includes('breathe'));
    const small = await open(within, `${url}/?caption=0&size=300&fade=0`);
    await small.locator('figure img').waitFor();
    assert.equal(await small.locator('figcaption').count(), 0);
    const box = await small.locator('img').boundingBox();
    assert.equal(Math.round(box.width), 300);
    if (shots) {
      await small.addStyleTag({ content: 'html { background: repeating-conic-gradient(#bbb 0 25%, #fff 0 50%) 0 0 / 40px 40px !important }' });
      await shot(small, 'overlay-small');
    }
    see(Buffer.alloc(SIDE * SIDE * 3, 128));
    await shown.waitForFunction(() => !document.querySelector('figure'));
    see(people['mina-laugh']);
    await figure.waitFor();
    // Nothing is left on a stream when moue ends.
    child.kill();
    await shown.waitForFunction(() => !document.querySelector('figure'));
    await within.close();
  });
  assert.deepEqual(faults, []);
} finally {
  await browser.close();
  for (const child of children) child.kill();
  rmSync(work, { recursive: true, force: true });
}
