// The app in another engine: node tests/engines.mjs firefox|webkit APP MOUE PICTURE [SCREENSHOTS]
//
// Everything is done by scripts in the page, which every driver can run; taps that an engine must
// believe are those of chromium.mjs. A canvas that shows PICTURE is the camera, without a pixel of
// difference. WebKit needs a display and a session bus:
// xvfb-run -a dbus-run-session node tests/engines.mjs webkit …

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { drivers } from './drivers.mjs';
import { serve } from './serve.mjs';

const [engine, app, moue, picture, shots] = process.argv.slice(2);
const server = await serve(resolve(app));
const driver = await drivers[engine]();
const base64 = readFileSync(picture).toString('base64');

/** Runs the body of an async function in the page; its value comes back. */
const run = (body, ...values) => driver.run(body, ...values);
const until = async (what, body, ms = 60_000) => {
  for (const end = Date.now() + ms; Date.now() < end; ) {
    const value = await run(body).catch(() => undefined);
    if (value) return value;
    await new Promise((done) => setTimeout(done, 200));
  }
  const text = await run('return document.body.innerText').catch(String);
  throw new Error(`never: ${what}; the page says: ${text}`);
};
const click = (text) =>
  until(`a button ${text}`, `
    const all = [...document.querySelectorAll('button')];
    const is = (b) => (b.getAttribute('aria-label') ?? b.textContent) === ${JSON.stringify(text)};
    const found = all.find((b) => is(b) && !b.disabled);
    found?.click();
    return !!found;`);
const labels = () =>
  until('matches', `
    const cards = [...document.querySelectorAll('.matches .card')];
    const all = cards.map((c) => c.getAttribute('aria-label').replace(/^[^:]*: /, ''));
    return all.length === 3 && all;`);
const native = (...more) => {
  const { stdout } = spawnSync(moue, ['find', picture, '--json', ...more], { encoding: 'utf8' });
  return JSON.parse(stdout).faces[0].matches.map((m) => m.caption ?? m.label);
};
/** Puts files into the page's nth file input. */
const give = (index, files) =>
  run(`
    const data = new DataTransfer();
    for (const { name, base64, type = 'image/png' } of ${JSON.stringify(files)}) {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      data.items.add(new File([bytes], name, { type }));
    }
    const input = document.querySelectorAll('input[type=file]')[${index}];
    input.files = data.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
    return true;`);
const shot = async (name) => {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  writeFileSync(join(shots, `${engine}-${name}.png`), await driver.screenshot());
};
/** A GIF of one pixel: white, then black. */
const FRAME = (code) => [0x21, 0xf9, 4, 0, 10, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, code, 1, 0];
const HEAD = [...Buffer.from('GIF89a'), 1, 0, 1, 0, 0x80, 0, 0, 255, 255, 255, 0, 0, 0];
const TWO_FRAMES = Buffer.from([...HEAD, ...FRAME(0x44), ...FRAME(0x4c), 0x3b]).toString('base64');
const CAMERA = `
  const image = new Image();
  image.src = 'data:image/png;base64,${base64}';
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [640, 480];
  const draw = () => canvas.getContext('2d').drawImage(image, 80, 0, 480, 480);
  draw();
  setInterval(draw, 100);
  // Of the prototype: WebKitGTK may collect navigator.mediaDevices and make a new one without it.
  MediaDevices.prototype.getUserMedia = async () => canvas.captureStream(10);
  return true;`;
const step = async (name, body) => {
  await body();
  console.log(`ok ${name}`);
};

try {
  await step('the first screen', async () => {
    await driver.go(server.url);
    await until('the first screen', `return !!document.querySelector('.first')`);
    // WebKitGTK's service worker may install for ever if the page that registered it is left before.
    await until('the service worker', `await navigator.serviceWorker.ready; return true;`);
    await run(`localStorage.setItem('language', 'en'); return true;`);
    await driver.go(server.url);
    await until('the first screen', `return !!document.querySelector('.first h1')`);
    await shot('first');
  });

  await step('a photo gets the answer of the program', async () => {
    await click('Try a photo instead');
    await until('the picker', `return !!document.querySelector('input[type=file]')`);
    await give(0, [{ name: 'me.png', base64 }]);
    assert.deepEqual((await labels())[0], native()[0]);
    await shot('photo');
  });

  await step('an animation is taken apart, or the page says that it cannot be', async () => {
    await give(0, [{ name: 'two.gif', base64: TWO_FRAMES, type: 'image/gif' }]);
    const says = engine === 'webkit' ? 'cannot take animations apart' : 'Frame 1 of 2';
    await until(says, `return document.body.innerText.includes(${JSON.stringify(says)})`);
  });

  await step('the camera has matches', async () => {
    await run(CAMERA);
    await click('Camera');
    await labels();
    await shot('camera');
  });

  await step('own pictures are added and kept', async () => {
    await click('My pictures');
    await until('the adders', `return document.querySelectorAll('input[type=file]').length >= 2`);
    await until('the gallery', `return !document.querySelector('.adders .primary').disabled`);
    await give(0, [{ name: 'me.png', base64 }]);
    await until('a tile', `return !!document.querySelector('.tile')`);
    await until('the files', `
      await navigator.serviceWorker.ready;
      const cache = await caches.open('moue-files');
      return (await cache.keys()).some((request) => request.url.includes('worker'));`);
  });

  await step('it works without a network, with the pictures of the visit before', async () => {
    await server.stop();
    await driver.go(server.url);
    await click('My pictures');
    await until('a tile', `return !!document.querySelector('.tile')`);
    await shot('mine');
  });
} finally {
  await driver.close();
}
