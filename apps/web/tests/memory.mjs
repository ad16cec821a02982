// The app's memory over many frames of a camera: node tests/memory.mjs APP PICTURE [FRAMES]
//
// Chromium's fake camera shows PICTURE, which sways. The memory is what the renderer has for itself
// alone. Prints besides what the first match costs, on a first and on a second visit. Linux only.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cpuMs, drawCamera, launch, privateMiB, renderer } from './launch.mjs';
import { serve } from './serve.mjs';

const [app, picture, most = '5000'] = process.argv.slice(2);
const FRAMES = Number(most);
/** Until then compilers and caches fill: up to 10 MiB more were seen in the second thousand frames of
 * five, and none after that. */
const WARM = Math.round(FRAMES * 0.3);
/** Between two readings. */
const STEP = Math.round(FRAMES / 10);
/** Readings differ by a few MiB; a frame has 1.2 MiB, so that a leak of one in five hundred is more. */
const MOST_GROWTH_MIB = 8;

const work = mkdtempSync(join(tmpdir(), 'moue-memory-'));
const server = await serve(resolve(app));
const { context, page } = await launch(work, drawCamera(work, picture, 2));
// Frames that were searched are those that the app asked for.
await page.addInitScript(() => {
  globalThis.frames = 0;
  const ask = HTMLVideoElement.prototype.requestVideoFrameCallback;
  HTMLVideoElement.prototype.requestVideoFrameCallback = function (done) {
    globalThis.frames += 1;
    return ask.call(this, done);
  };
});
const frames = () => page.evaluate(() => globalThis.frames);
const card = page.locator('.matches .card').first();

/** CPU time from a page's address to its first match. */
async function firstMatch(visit) {
  const own = await renderer(context);
  const before = cpuMs(own);
  await page.goto(server.url);
  const start = page.getByRole('button', { name: 'Start the camera' });
  if (visit === 'first') await start.click();
  await card.waitFor({ timeout: 60_000 });
  // Another process may have taken over the page; its time counts from its start.
  const now = await renderer(context);
  console.log(`first match, ${visit} visit: ${cpuMs(now) - (now === own ? before : 0)} ms CPU of the page's process`);
}

await firstMatch('first');
await page.evaluate(() => navigator.serviceWorker.ready);
await page.waitForTimeout(2000);
await firstMatch('second');

const own = await renderer(context);
const readings = [];
for (let next = WARM; next <= FRAMES; next += STEP) {
  await page.waitForFunction((n) => globalThis.frames >= n, next, { timeout: 600_000, polling: 200 });
  for (const realm of [page, ...page.workers()]) await realm.evaluate(() => globalThis.gc());
  readings.push(privateMiB(own));
  console.log(`${await frames()} frames: ${readings.at(-1).toFixed(1)} MiB`);
}
const growth = Math.min(...readings.slice(-3)) - Math.min(...readings.slice(0, 3));
console.log(`from the first three readings to the last three: ${growth.toFixed(1)} MiB`);
await context.close();
await server.stop();
rmSync(work, { recursive: true, force: true });
assert.ok(growth <= MOST_GROWTH_MIB, 'memory grows');
