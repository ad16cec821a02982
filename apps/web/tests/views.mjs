// Every view at the sizes that people have: node tests/views.mjs APP [FOLDER]
//
// Phone, tablet and desktop, light and dark, and with text of twice the size. Nothing may be wider
// than the screen, and no control may be outside of it. Pictures of all go into FOLDER.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { drawCamera, launch } from './launch.mjs';
import { serve } from './serve.mjs';

const [app, shots] = process.argv.slice(2);
const sample = new URL('../../../docs/sample.png', import.meta.url).pathname;
const other = new URL('../../../docs/sample-head.jpg', import.meta.url).pathname;
const SIZES = { phone: [390, 844], tablet: [768, 1024], desktop: [1440, 900] };
const LOOKS = { light: ['light', 100], dark: ['dark', 100], large: ['light', 200] };

const work = mkdtempSync(join(tmpdir(), 'moue-views-'));
const server = await serve(resolve(app));
const { context, page } = await launch(work, drawCamera(work, sample));
if (shots) mkdirSync(shots, { recursive: true });
const faults = [];

/** Controls that reach over the screen's sides, or that lie below it where nothing scrolls. */
const outside = () => {
  const found = [];
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) found.push(`the page is ${wide} pixels too wide`);
  for (const control of document.querySelectorAll('button, select, input:not(.hidden)')) {
    const { left, right, top, bottom, width } = control.getBoundingClientRect();
    const name = control.getAttribute('aria-label') ?? control.textContent;
    if (width === 0) continue;
    if (left < -1 || right > innerWidth + 1) found.push(`${name}: from ${left} to ${right}`);
    if (control.scrollWidth > control.clientWidth + 1 && control.tagName === 'BUTTON') found.push(`${name}: its text is cut off`);
    let scrolls = document.documentElement.scrollHeight > innerHeight;
    for (let e = control.parentElement; e; e = e.parentElement) {
      scrolls ||= /auto|scroll/.test(getComputedStyle(e).overflowY) || getComputedStyle(e).overflowX === 'auto';
    }
    if (!scrolls && (bottom > innerHeight + 1 || top < -1)) found.push(`${name}: from ${top} down to ${bottom}`);
  }
  return found;
};

/** The view as it is now, in all sizes and looks. */
async function look(view) {
  // A card under the pointer is a little larger.
  await page.mouse.move(0, 0);
  for (const [size, [width, height]] of Object.entries(SIZES)) {
    await page.setViewportSize({ width, height });
    for (const [name, [colorScheme, percent]] of Object.entries(LOOKS)) {
      await page.emulateMedia({ colorScheme });
      await page.evaluate((p) => void (document.documentElement.style.fontSize = `${p}%`), percent);
      await page.waitForTimeout(250);
      for (const fault of await page.evaluate(outside)) faults.push(`${view}, ${size}, ${name}: ${fault}`);
      if (shots) await page.screenshot({ path: join(shots, `${size}-${name}-${view}.png`) });
    }
  }
  console.log(`seen ${view}`);
}

const tab = (name) => page.getByRole('navigation').getByRole('button', { name }).click();
const matches = () => page.locator('.matches .card').first().waitFor({ timeout: 60_000 });

await page.goto(server.url);
await look('first');
await page.getByRole('button', { name: 'Start the camera' }).click();
await matches();
await look('camera');
await page.locator('.matches .card').first().click();
await page.getByRole('button', { name: 'Close' }).waitFor();
await look('detail');
await page.getByRole('button', { name: 'Close' }).click();
await page.getByRole('button', { name: 'Emoji' }).click();
await page.locator('.card .emoji').first().waitFor();
await look('emoji');
await page.getByRole('button', { name: 'Drawings' }).click();
await tab('Photo');
await look('pick');
await page.locator('input[type=file]').setInputFiles(other);
await matches();
await look('photo');
await tab('My pictures');
await look('empty');
await page.locator('input[type=file][multiple]').first().setInputFiles([sample, other]);
await page.getByText('Added 2').waitFor({ timeout: 30_000 });
await look('mine');
await page.locator('.tile').first().click();
await page.getByRole('textbox', { name: 'Caption' }).waitFor();
await look('edit');

await context.close();
await server.stop();
rmSync(work, { recursive: true, force: true });
assert.deepEqual(faults, []);
