// A large library on the page of `moue serve`: node tests/library.mjs APP MOUE GALLERY [SCREENSHOTS]
//
// GALLERY is a `.moue` file with pictures, which is only read. Prints how long the first pictures take,
// how smoothly both orders are scrolled through, and the memory of the page's process. Linux only.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cpuMs, drawCamera, launch, privateMiB, renderer } from './launch.mjs';

const [app, moue, gallery, shots] = process.argv.slice(2);
const SIZES = { phone: [390, 844], tablet: [768, 1024], desktop: [1440, 900] };
/** Pixels of a step of scrolling, one for each frame of the screen: a fast swipe. */
const STEP = 120;
const SECONDS = 8;

const sample = new URL('../../../docs/sample.png', import.meta.url).pathname;
const work = mkdtempSync(join(tmpdir(), 'moue-library-'));
const server = spawn(moue, ['serve', '--listen', '127.0.0.1:0', '--web', resolve(app), '--gallery', gallery], {
  stdio: ['ignore', 'ignore', 'pipe'],
});
const url = await new Promise((found) => {
  let log = '';
  server.stderr.on('data', (data) => {
    log += data;
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(log);
    if (address) found(`${address[0].replace('127.0.0.1', 'localhost')}/`);
  });
});
const { context, page } = await launch(work, drawCamera(work, sample));
const faults = [];
page.on('pageerror', (error) => faults.push(String(error)));

const memory = async (when) => {
  for (const realm of [page, ...page.workers()]) await realm.evaluate(() => globalThis.gc());
  console.log(`  ${when}: ${privateMiB(await renderer(context)).toFixed(0)} MiB`);
};
const seconds = (begun) => `${((performance.now() - begun) / 1000).toFixed(2)} s`;
/** Whether every cell on the screen has its picture. */
const isFull = () => {
  const box = document.querySelector('.cells')?.getBoundingClientRect();
  const cells = [...document.querySelectorAll('.cell')].filter((cell) => {
    const { top, bottom, left, right } = cell.getBoundingClientRect();
    return box && bottom > box.top && top < box.bottom && right > box.left && left < box.right;
  });
  return cells.length > 0 && cells.every((cell) => cell.querySelector('img')?.complete);
};
const full = () => page.waitForFunction(isFull, null, { timeout: 120_000, polling: 50 });

/** Scrolls for some seconds; prints how long frames took, and then the time to the last picture. */
async function scroll(what) {
  const before = cpuMs(server.pid);
  const own = await renderer(context);
  const page0 = cpuMs(own);
  const times = await page.evaluate(
    async ([step, length]) => {
      const box = document.querySelector('.cells');
      box.scrollTop = 0;
      const frame = () => new Promise((done) => requestAnimationFrame(done));
      const found = [];
      let last = await frame();
      const end = last + length * 1000;
      while (last < end) {
        box.scrollTop += step;
        const now = await frame();
        found.push(now - last);
        last = now;
      }
      return found.sort((a, b) => a - b);
    },
    [STEP, SECONDS],
  );
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))].toFixed(0);
  const begun = performance.now();
  await full();
  const top = await page.evaluate(() => document.querySelector('.cells').scrollTop);
  console.log(
    `  ${what}: ${times.length} frames in ${SECONDS} s, median ${at(0.5)} ms, 99th of 100 ${at(0.99)} ms, longest ${at(1)} ms; ` +
      `all pictures ${seconds(begun)} after the end, ${Math.round(top)} pixels down; ` +
      `CPU of the page ${((cpuMs(own) - page0) / 1000).toFixed(1)} s, of the server ${((cpuMs(server.pid) - before) / 1000).toFixed(1)} s`,
  );
}

try {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(url);
  await page.getByRole('button', { name: 'Try a photo instead' }).click();
  await page.waitForTimeout(2000);
  await memory('before');
  const start = cpuMs(server.pid);
  let begun = performance.now();
  await page.getByRole('navigation').getByRole('button', { name: 'Library' }).click();
  await page.locator('.cell img').first().waitFor({ timeout: 120_000 });
  console.log(`by expression: first picture after ${seconds(begun)}`);
  await full();
  console.log(`  screen full after ${seconds(begun)}, CPU of the server ${cpuMs(server.pid) - start} ms`);
  console.log(`  ${await page.locator('.cells li').first().getAttribute('aria-setsize')} pictures, ${await page.locator('.cell').count()} in the page`);
  await memory('with the library');
  await scroll('scrolled');
  await memory('after');
  begun = performance.now();
  await page.reload();
  await page.getByRole('navigation').getByRole('button', { name: 'Library' }).click();
  await full();
  console.log(`  reloaded: screen full after ${seconds(begun)}`);

  begun = performance.now();
  await page.getByRole('button', { name: 'Newest' }).click();
  await page.locator('.cell-words').first().waitFor();
  await full();
  console.log(`newest: screen full after ${seconds(begun)}`);
  await scroll('scrolled');
  await memory('after');
  begun = performance.now();
  for (let rest = 1; rest > 0; ) {
    rest = await page.evaluate(async () => {
      const box = document.querySelector('.cells');
      const before = box.scrollHeight;
      box.scrollTop = before;
      await new Promise((done) => setTimeout(done, 400));
      return box.scrollHeight - before;
    });
  }
  await full();
  console.log(`  at the end after ${seconds(begun)}: ${await page.locator('.cells li').first().getAttribute('aria-setsize')} pictures`);
  await memory('at the end');
  const all = await page.locator('.cells li').first().getAttribute('aria-setsize');
  begun = performance.now();
  await page.getByRole('searchbox').fill('10');
  await page.waitForFunction((all) => document.querySelector('.cells li')?.ariaSetSize !== all, all);
  await full();
  console.log(`search by words: screen full after ${seconds(begun)}`);
  await page.getByRole('searchbox').fill('');
  for (const order of ['By expression', 'Newest']) {
    await page.getByRole('button', { name: order }).click();
    for (const [size, [width, height]] of Object.entries(shots ? SIZES : {})) {
      await page.setViewportSize({ width, height });
      await page.waitForTimeout(500);
      await full();
      mkdirSync(shots, { recursive: true });
      await page.screenshot({ path: join(shots, `${order.split(' ').at(-1).toLowerCase()}-${size}.png`) });
    }
  }
  assert.deepEqual(faults, []);
} finally {
  await context.close();
  server.kill('SIGKILL');
  rmSync(work, { recursive: true, force: true });
}
