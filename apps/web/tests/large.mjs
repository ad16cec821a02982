// A large gallery in the app: node tests/large.mjs APP GALLERY
//
// Imports GALLERY, a `.moue` file, and prints how long the worker's calls take with it, and the
// memory of the page's process. Linux only.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { drawCamera, launch, privateMiB, renderer } from './launch.mjs';
import { serve } from './serve.mjs';

const [app, gallery] = process.argv.slice(2);
const sample = new URL('../../../docs/sample.png', import.meta.url).pathname;
const work = mkdtempSync(join(tmpdir(), 'moue-large-'));
const server = await serve(resolve(app));
const { context, page } = await launch(work, drawCamera(work, sample, 2));
// Every call of the worker, from its message to its answer.
await page.addInitScript(() => {
  globalThis.calls = {};
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, transfer) {
    const begun = performance.now();
    const answered = ({ data }) => {
      if (data.id !== message.id) return;
      this.removeEventListener('message', answered);
      (globalThis.calls[message.method] ??= []).push(performance.now() - begun);
    };
    this.addEventListener('message', answered);
    post.call(this, message, transfer);
  };
});
const median = (times) => [...times].sort((a, b) => a - b)[times.length >> 1];
const calls = async (method) => {
  const times = await page.evaluate((m) => globalThis.calls[m] ?? [], method);
  await page.evaluate((m) => delete globalThis.calls[m], method);
  return times.length === 0 ? 'none' : `${median(times).toFixed(1)} ms (median of ${times.length})`;
};
const memory = async (when) => console.log(`${when}: ${privateMiB(await renderer(context)).toFixed(0)} MiB`);
const own = () => page.getByRole('navigation').getByRole('button', { name: 'My pictures' });

await page.goto(server.url);
await page.getByRole('button', { name: 'Start the camera' }).click();
await page.locator('.matches .card').first().waitFor({ timeout: 60_000 });
await page.waitForTimeout(5000);
console.log(`a camera frame in the drawings: ${await calls('track')}`);
await memory('before');

await own().click();
await page.locator('input[accept=".moue"]').setInputFiles(gallery);
await page.locator('.tile').first().waitFor({ timeout: 300_000 });
console.log(`import: ${await calls('merge')}`);
console.log(`list of all pictures: ${await calls('pictures')}`);
await memory('with the gallery');

const typed = performance.now();
await page.getByRole('searchbox').fill('mina');
await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
console.log(`search by text: ${(performance.now() - typed).toFixed(0)} ms`);

await page.getByRole('navigation').getByRole('button', { name: 'Camera' }).click();
await page.getByRole('group').getByRole('button', { name: 'My pictures' }).click();
await page.locator('.matches .card').first().waitFor({ timeout: 60_000 });
await calls('track');
await page.waitForTimeout(5000);
console.log(`a camera frame in the gallery: ${await calls('track')}`);
await memory('with the camera');

await page.reload();
const begun = performance.now();
await own().click();
await page.locator('.tile').first().waitFor({ timeout: 60_000 });
console.log(`pictures on the next visit, after ${(performance.now() - begun).toFixed(0)} ms; opened in ${await calls('stored')}`);
assert.ok((await page.locator('.tile').count()) < 1000, 'not all tiles are in the page');

await context.close();
await server.stop();
rmSync(work, { recursive: true, force: true });
