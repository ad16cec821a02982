// A folder of 500 pictures in the app: node tests/many.mjs APP [PICTURES]
//
// Adds it, stops on the way, and adds the rest; then searches in it. The pictures are moue's own
// drawings, drawn by the browser.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { drawCamera, launch, privateMiB, renderer } from './launch.mjs';
import { asset, drawing, Gallery } from './module.mjs';
import { serve } from './serve.mjs';

const [app, many = '500'] = process.argv.slice(2);
const MANY = Number(many);
const SIDE = 192;

const builtin = Gallery.open(asset('builtin.moue'), 'builtin').pictures();
assert.ok(builtin.length >= MANY, `there are ${builtin.length} drawings`);

const work = mkdtempSync(join(tmpdir(), 'moue-many-'));
const folder = join(work, 'faces');
mkdirSync(folder);
const server = await serve(resolve(app));
const sample = new URL('../../../docs/sample.png', import.meta.url).pathname;
const { context, page } = await launch(work, drawCamera(work, sample));
await page.goto(server.url);

/** A drawing as PNG, in base64. */
const asPng = ([svg, side]) =>
  new Promise((done) => {
    const image = new Image();
    image.onload = () => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [side, side];
      canvas.getContext('2d').drawImage(image, 0, 0, side, side);
      done(canvas.toDataURL('image/png').split(',')[1]);
    };
    image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  });
for (const [index, { path }] of builtin.slice(0, MANY).entries()) {
  const png = await page.evaluate(asPng, [drawing(path), SIDE]);
  writeFileSync(join(folder, `${String(index).padStart(5, '0')}.png`), Buffer.from(png, 'base64'));
}

await page.getByRole('button', { name: 'Try a photo instead' }).click();
await page.getByRole('button', { name: 'My pictures' }).click();
const status = page.locator('.status');
const take = () => page.locator('input[webkitdirectory]').setInputFiles(folder);
const counts = async () => {
  await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached', timeout: 600_000 });
  const text = await status.innerText();
  const number = (pattern) => Number(text.match(pattern)?.[1] ?? 0);
  return { added: number(/Added (\d+)/), there: number(/(\d+) already there/), faceless: number(/(\d+) without a face/), text };
};

await take();
await page.getByText(new RegExp(`^[1-9]\\d* of ${MANY}, \\d+\\.\\d a second$`)).waitFor({ timeout: 60_000 });
await page.waitForFunction(() => document.querySelector('.status progress')?.value >= 20, null, { timeout: 60_000 });
await page.getByRole('button', { name: 'Stop' }).click();
const first = await counts();
console.log(`stopped: ${first.text}`);
assert.ok(first.added > 0 && first.added + first.faceless < MANY, 'it stops on the way');

const begun = performance.now();
await take();
let rate = '';
while (await page.getByRole('button', { name: 'Stop' }).isVisible()) {
  rate = (await status.innerText({ timeout: 5000 }).catch(() => rate)).match(/[\d.]+ a second/)?.[0] ?? rate;
  await page.waitForTimeout(500);
}
const rest = await counts();
const seconds = (performance.now() - begun) / 1000;
console.log(`${MANY} files in ${seconds.toFixed(1)} s, at last ${rate}: ${rest.text}`);
assert.equal(rest.there, first.added, 'what was added before is there');
assert.equal(rest.added + rest.there + rest.faceless, MANY);
console.log(`memory of the page's process: ${privateMiB(await renderer(context)).toFixed(0)} MiB`);

// A picture of its own is its own best match, now and on the next visit.
await page.reload();
await page.getByRole('button', { name: 'Photo' }).click();
await page.locator('input[type=file]').setInputFiles(join(folder, '00007.png'));
await page.getByRole('group').getByRole('button', { name: 'My pictures' }).click();
await page.locator('.matches li:first-child .card[aria-label="Match 1: 00007"]').waitFor({ timeout: 60_000 });
console.log('00007.png is its own first match');

await context.close();
await server.stop();
rmSync(work, { recursive: true, force: true });
