// The app in Chromium with a fake camera: node tests/chromium.mjs APP MOUE PICTURE [SCREENSHOTS]
//
// APP is the built folder, MOUE the native program, PICTURE a face. What the page shows for a camera
// that sees PICTURE must be what MOUE answers for the same frame.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { strToU8, zipSync } from 'fflate';
import { cards as cardsOf, checkAccess, labels as labelsOn, labelsOf, saveFrame, step } from './checks.mjs';
import { drawCamera, launch } from './launch.mjs';
import { serve } from './serve.mjs';

const [app, moue, picture, shots] = process.argv.slice(2);
// Another picture with a face.
const second = new URL('../../../docs/sample-head.jpg', import.meta.url);
const work = mkdtempSync(join(tmpdir(), 'moue-web-'));
const camera = drawCamera(work, picture);
const server = await serve(resolve(app));
const { context, page } = await launch(work, camera);
const elsewhere = [];
const faults = [];
context.on('request', (request) => {
  const url = request.url();
  if (!url.startsWith(server.url) && !/^(blob|data):/.test(url)) elsewhere.push(url);
});
page.on('pageerror', (error) => faults.push(String(error)));
page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
await page.addInitScript(() => {
  globalThis.shared = [];
  navigator.canShare = () => true;
  navigator.share = async ({ files }) => void globalThis.shared.push(files[0].name, files[0].type);
});

const cards = () => cardsOf(page);
const labels = () => labelsOn(page);
const native = (file, ...more) =>
  labelsOf(execFileSync(moue, ['find', file, '--json', ...more], { encoding: 'utf8' }));
const assertPicturesOf = async (file) => assert.deepEqual(await labels(), native(file));
const shot = async (name) => {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.waitForTimeout(300);
  await page.screenshot({ path: join(shots, `${name}.png`) });
};
const axe = (where) => checkAccess(page, where);

await step('the first screen says what it does', async () => {
  await page.goto(server.url);
  await page.getByText('No picture is sent anywhere').waitFor();
  await shot('first');
  await axe('the first screen');
});

await step('the camera shows what the program finds for the same frame', async () => {
  await page.getByRole('button', { name: 'Start the camera' }).click();
  await cards().first().waitFor({ timeout: 60_000 });
  await page.waitForTimeout(1500);
  const file = join(work, 'frame.png');
  await saveFrame(page, file);
  await shot('camera');
  await axe('the camera');
  assert.deepEqual((await labels())[0], native(file, '--effort', 'live')[0]);
});

await step('a match is shared, copied and saved', async () => {
  await cards().first().click();
  await page.getByRole('button', { name: 'Share' }).click();
  await page.waitForFunction(() => globalThis.shared.length > 0);
  assert.equal(await page.evaluate(() => globalThis.shared[1]), 'image/png');
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByText('Copied').waitFor();
  const types = await page.evaluate(async () => (await navigator.clipboard.read())[0].types);
  assert.ok(types.includes('image/png'));
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save' }).click();
  assert.match((await download).suggestedFilename(), /\.png$/);
  await shot('detail');
  await axe('a match');
  await page.getByRole('button', { name: 'Close' }).click();
});

await step('the moment is frozen and goes on', async () => {
  await page.getByRole('button', { name: 'Freeze this moment' }).click();
  assert.ok(await page.evaluate(() => document.querySelector('video').paused));
  await page.getByRole('button', { name: 'Go on' }).click();
  assert.ok(!(await page.evaluate(() => document.querySelector('video').paused)));
});

await step('emoji are answered as characters', async () => {
  await page.getByRole('button', { name: 'Emoji' }).click();
  await page.locator('.card .emoji').first().waitFor();
  await shot('emoji');
  await page.getByRole('button', { name: 'Drawings' }).click();
});

await step('a photo gets the pictures that the program finds', async () => {
  await page.getByRole('button', { name: 'Photo' }).click();
  await page.locator('input[type=file]').setInputFiles(picture);
  await cards().first().waitFor({ timeout: 30_000 });
  await shot('photo');
  await axe('a photo');
  await assertPicturesOf(picture);
});

/** Puts a slider at a place, as a drag does. */
const scrub = (value) =>
  page.locator('.scrub').evaluate((slider, to) => {
    slider.value = to;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  }, String(value));
const noFace = () => page.getByText('No face was found in this picture').waitFor({ timeout: 30_000 });
const ffmpeg = (...args) => execFileSync('ffmpeg', ['-v', 'error', ...args]);
/** Three pictures, from which clips are made: a face, nothing, another face. */
const drawParts = () => {
  const square = 'scale=320:320:force_original_aspect_ratio=decrease,pad=320:320:(ow-iw)/2:(oh-ih)/2:white';
  ffmpeg('-i', picture, '-vf', square, join(work, 'part-1.png'));
  ffmpeg('-f', 'lavfi', '-i', 'color=white:size=320x320', '-frames:v', '1', join(work, 'part-2.png'));
  ffmpeg('-i', fileURLToPath(second), '-vf', square, join(work, 'part-3.png'));
};
const clip = (name, rate, ...how) => {
  const file = join(work, name);
  ffmpeg('-framerate', String(rate), '-i', join(work, 'part-%d.png'), ...how, file);
  return file;
};

await step('an animation is scrubbed frame by frame', async () => {
  drawParts();
  const file = clip('moves.gif', 10, '-vf', 'split[a][b];[a]palettegen[p];[b][p]paletteuse');
  ffmpeg('-i', file, '-fps_mode', 'passthrough', join(work, 'frame-%d.png'));
  await page.locator('input[type=file]').setInputFiles(file);
  await page.getByText('Frame 1 of 3').waitFor();
  await cards().first().waitFor({ timeout: 30_000 });
  await assertPicturesOf(join(work, 'frame-1.png'));
  await scrub(1);
  await noFace();
  await scrub(2);
  await cards().first().waitFor({ timeout: 30_000 });
  await shot('animation');
  await axe('an animation');
  await assertPicturesOf(join(work, 'frame-3.png'));
});

await step('a video is scrubbed', async () => {
  const file = clip('moves.webm', 1, '-r', '10', '-c:v', 'libvpx', '-b:v', '4M');
  await page.locator('input[type=file]').setInputFiles(file);
  await page.waitForFunction(() => document.querySelector('video')?.readyState > 0 && document.querySelector('.scrub').max > 2);
  await scrub(1.5);
  await noFace();
  await scrub(2.5);
  await cards().first().waitFor({ timeout: 30_000 });
  await shot('video');
  await page.getByRole('button', { name: 'Emoji' }).click();
  await page.locator('.card .emoji').first().waitFor();
  await page.getByRole('button', { name: 'Drawings' }).click();
});

await step('own pictures are added, found and kept', async () => {
  const folder = join(work, 'mine');
  mkdirSync(folder);
  cpSync(picture, join(folder, 'me.png'));
  writeFileSync(join(folder, 'broken.jpg'), 'no picture');
  writeFileSync(join(folder, 'more.zip'), zipSync({ 'a/you.jpg': readFileSync(second), 'a/notes.txt': strToU8('hi') }));
  await page.getByRole('button', { name: 'My pictures' }).click();
  await shot('empty');
  await page.locator('input[type=file][multiple]').first().setInputFiles(['me.png', 'broken.jpg', 'more.zip'].map((name) => join(folder, name)));
  await page.getByText('Added 2').waitFor({ timeout: 30_000 });
  await page.getByText('1 could not be read').waitFor();
  await axe('own pictures');
  await page.locator('.tile').first().click();
  await page.getByRole('textbox', { name: 'Caption' }).fill('the face of the tests');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('.tile[aria-label="the face of the tests"]').waitFor();
  await shot('mine');
});

await step('it works without a network, with the pictures of the visit before', async () => {
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(async () => {
    const cache = await caches.open('moue-files');
    return (await cache.keys()).some((request) => request.url.endsWith('.wasm') || request.url.includes('moue_wasm'));
  });
  await server.stop();
  await page.reload();
  await page.getByRole('button', { name: 'My pictures' }).click();
  await page.locator('.tile[aria-label="the face of the tests"]').waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Camera', exact: true }).click();
  await page.getByRole('button', { name: 'My pictures' }).nth(0).waitFor();
  await cards().first().waitFor({ timeout: 60_000 });
});

await step('it can be installed', async () => {
  const cdp = await context.newCDPSession(page);
  const { installabilityErrors } = await cdp.send('Page.getInstallabilityErrors');
  assert.deepEqual(installabilityErrors, []);
});

await step('nothing was asked for elsewhere, and nothing failed', async () => {
  assert.deepEqual(elsewhere, []);
  const own = faults.filter((fault) => !/ERR_CONNECTION_REFUSED|Failed to load resource/.test(fault));
  assert.deepEqual(own, []);
});

for (const [name, width, height] of [['tablet', 768, 1024], ['desktop', 1440, 900]]) {
  if (!shots) break;
  await page.setViewportSize({ width, height });
  await shot(`camera-${name}`);
  await page.getByRole('button', { name: 'My pictures' }).last().click();
  await shot(`mine-${name}`);
  await page.getByRole('button', { name: 'Camera', exact: true }).click();
  await cards().first().waitFor();
}

await context.close();
rmSync(work, { recursive: true, force: true });
