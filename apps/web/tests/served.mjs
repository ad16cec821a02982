// The app on the page of `moue serve`, in Chromium: node tests/served.mjs APP MOUE PICTURE [SCREENSHOTS]
//
// APP is the built folder, or `embedded` for a MOUE that has it compiled in; MOUE is the program with
// the feature `server`; PICTURE has a face. The gallery is of drawings. What the page shows for a
// camera that sees PICTURE must be what MOUE finds in the same gallery, and no request may carry a
// picture before one is uploaded.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cards as cardsOf, checkAccess, labels as labelsOn, labelsOf, saveFrame, step } from './checks.mjs';
import { drawCamera, launch } from './launch.mjs';
import { engineWith, Picture } from './module.mjs';

const [app, moue, picture, shots] = process.argv.slice(2);
const SIZES = { phone: [390, 844], tablet: [768, 1024], desktop: [1440, 900] };
const work = mkdtempSync(join(tmpdir(), 'moue-served-'));
/** As PNG: two decoders of JPEG differ by a level here and there, which is another picture. */
const second = join(work, 'second.png');
execFileSync('ffmpeg', ['-v', 'error', '-i', fileURLToPath(new URL('../../../docs/sample-head.jpg', import.meta.url)), second]);
const children = new Set();

/** Starts a server; returns its address and how to stop it. */
function serve(listen, ...more) {
  const web = app === 'embedded' ? [] : ['--web', resolve(app)];
  const args = ['serve', '--listen', listen, ...web, ...more];
  const child = spawn(moue, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  children.add(child);
  const ended = new Promise((done) => child.once('exit', done));
  const stop = () => (children.delete(child), child.kill('SIGKILL'), ended);
  let log = '';
  return new Promise((found, failed) => {
    child.once('exit', () => failed(new Error(log)));
    child.stderr.on('data', (data) => {
      log += data;
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(log);
      // A name that browsers trust with a camera, and one that needs no resolver.
      if (url) found({ url: `${url[0].replace('127.0.0.1', 'localhost')}/`, address: url[0].slice(7), stop });
    });
  });
}

const run = (...args) => execFileSync(moue, args, { encoding: 'utf8' }).trim();

// A gallery of drawings as files, and some more drawings to upload.
const drawings = await serve('127.0.0.1:0');
const folder = join(work, 'drawings');
mkdirSync(folder);
const { pictures } = await (await fetch(`${drawings.url}v1/pictures?limit=200`)).json();
const files = [];
for (const [i, drawn] of pictures.entries()) {
  if (i % 4 !== 0 && i % 40 !== 1) continue;
  const content = await fetch(`${drawings.url}v1/pictures/${drawn.id}/content`);
  const file = join(i % 4 === 0 ? folder : work, `${drawn.label.replaceAll(/\W+/g, '-')}.png`);
  writeFileSync(file, Buffer.from(await content.arrayBuffer()));
  if (i % 4 !== 0) files.push(file);
}
await drawings.stop();
const gallery = join(work, 'my.moue');
run('gallery', 'add', gallery, folder, picture);
const total = JSON.parse(run('gallery', 'stats', gallery, '--json')).pictures;

const server = await serve('127.0.0.1:0', '--gallery', gallery);
const { context, page } = await launch(work, drawCamera(work, picture));
const elsewhere = [];
const faults = [];
const sent = [];
context.on('request', (request) => {
  const url = request.url();
  if (!/^http:\/\/(localhost|127\.0\.0\.1):|^(blob|data):/.test(url)) elsewhere.push(url);
  if (request.method() !== 'GET') sent.push({ url, method: request.method(), body: request.postDataBuffer() });
});
const watch = (tab) => {
  tab.on('pageerror', (error) => faults.push(String(error)));
  tab.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
};
watch(page);

const tab = (name) => page.getByRole('navigation').getByRole('button', { name }).click();
const cards = () => cardsOf(page);
const cells = () => page.locator('.cell');
/** How many pictures the grid has, also those that are not on the screen. */
const count = () => page.locator('.cells li').first().getAttribute('aria-setsize').then(Number);
const shows = (n) => page.locator(`.cells li[aria-setsize="${n}"]`).first().waitFor();
const dialog = () => page.getByRole('dialog');
const labels = () => labelsOn(page);
const native = (file, ...more) => labelsOf(run('find', file, '--json', '--gallery', gallery, ...more));
const axe = (where) => checkAccess(page, where);

/** The expression of the first face of a file, by the module in node. */
const embedded = (path) => engineWith().embed(Picture.decode(readFileSync(path)), {})[0].expression;

/** The view in all sizes, light and dark: nothing is wider than the screen or has a fault. */
async function look(view) {
  await page.mouse.move(0, 0);
  for (const [size, [width, height]] of Object.entries(SIZES)) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(shots ? 700 : 100);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${view}, ${size}: ${wide} pixels too wide`);
      await axe(`${view}, ${size}, ${colorScheme}`);
      if (!shots) continue;
      mkdirSync(shots, { recursive: true });
      await page.screenshot({ path: join(shots, `${view}-${size}-${colorScheme}.png`) });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.evaluate(() => void (document.documentElement.style.fontSize = '200%'));
  await page.waitForTimeout(250);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${view}, large text: ${wide} pixels too wide`);
  if (shots) await page.screenshot({ path: join(shots, `${view}-phone-large.png`) });
  await page.evaluate(() => void (document.documentElement.style.fontSize = ''));
}

await step('the first screen says what is sent, and to whom', async () => {
  await page.goto(server.url);
  await page.getByText('Only the 64 numbers of its expression are sent, to localhost').waitFor();
  await look('first');
});

await step("the camera shows what the program finds in the server's gallery", async () => {
  await page.getByRole('button', { name: 'Start the camera' }).click();
  await cards().first().waitFor({ timeout: 60_000 });
  await page.waitForTimeout(1500);
  await saveFrame(page, join(work, 'frame.png'));
  assert.equal(await page.getByRole('button', { name: 'Library' }).first().getAttribute('aria-pressed'), 'true');
  assert.equal((await labels())[0], native(join(work, 'frame.png'), '--effort', 'live')[0]);
  await look('camera');
});

await step('a photo is answered nearly as the program answers it', async () => {
  await tab('Photo');
  await page.locator('input[type=file]').setInputFiles(second);
  await cards().first().waitFor({ timeout: 30_000 });
  assert.deepEqual(await labels(), native(second));
  // What was sent is what the module computes by itself.
  const embedding = embedded(second);
  const [asked] = JSON.parse(sent.at(-1).body.toString()).expressions;
  const apart = Math.hypot(...asked.map((x, i) => x - embedding[i]));
  assert.ok(apart < 1e-3, `${apart} apart`);
  const answer = await fetch(`${server.url}v1/search`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: sent.at(-1).body });
  const { matches } = await answer.json();
  assert.deepEqual(await labels(), matches.map((match) => match.caption ?? match.label));
  await cards().first().click();
  await dialog().getByRole('button', { name: 'Save' }).waitFor();
  await page.waitForFunction(() => document.querySelector('dialog img')?.naturalWidth > 320);
  await dialog().getByRole('button', { name: 'Close' }).click();
  await look('photo');
});

await step('64 numbers are all that was sent', async () => {
  assert.ok(sent.length >= 2);
  for (const { url, method, body } of sent) {
    assert.deepEqual([method, new URL(url).pathname], ['POST', '/v1/search']);
    const { expressions, ...rest } = JSON.parse(body.toString());
    assert.deepEqual(rest, { limit: 3 });
    assert.deepEqual([expressions.length, expressions[0].length], [1, 64]);
    assert.ok(expressions[0].every((x) => typeof x === 'number'));
    assert.ok(body.length < 2000);
  }
});

await step('all pictures by expression, by keyboard too', async () => {
  await tab('Library');
  await shows(total);
  assert.equal(await count(), total);
  await page.waitForFunction(() => document.querySelectorAll('.cell img').length > 8);
  await look('map');
  const first = cells().and(page.locator('[tabindex="0"]'));
  await first.focus();
  await page.keyboard.press('Home');
  const at = () => page.evaluate(() => Number(document.activeElement.dataset.index));
  assert.equal(await at(), 0);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  await page.waitForFunction(() => Number(document.activeElement.dataset.index) > 2);
  assert.equal(await at(), Math.ceil(Math.sqrt(total)) + 1);
  await page.keyboard.press('Enter');
  await dialog().getByRole('button', { name: 'More like this' }).waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await at(), Math.ceil(Math.sqrt(total)) + 1);
  const side = () => cells().first().evaluate((cell) => cell.getBoundingClientRect().width);
  const before = await side();
  await page.getByRole('button', { name: 'Larger pictures' }).click();
  await page.waitForFunction((w) => document.querySelector('.cell').getBoundingClientRect().width > w, before);
});

await step('pictures are added, and the newest come first', async () => {
  writeFileSync(join(work, 'broken.jpg'), 'no picture');
  await page.locator('input[type=file][multiple]').setInputFiles([...files, files[0], join(work, 'broken.jpg')]);
  await page.getByText(`Added ${files.length}`).waitFor({ timeout: 60_000 });
  await page.getByText('1 already there').waitFor();
  await page.getByText('1 could not be read').waitFor();
  await shows(total + files.length);
  assert.equal(await page.getByRole('button', { name: 'Newest' }).getAttribute('aria-pressed'), 'true');
  const newest = files.at(-1).replace(/^.*\/|\.png$/g, '');
  assert.equal(await cells().first().getAttribute('aria-label'), newest);
  await page.waitForFunction(() => document.querySelectorAll('.cell img').length > 8);
  await look('list');
});

await step('every language fits a phone', async () => {
  for (const language of ['de', 'fr', 'es', 'en']) {
    await page.evaluate((l) => localStorage.setItem('language', l), language);
    await page.reload();
    for (const [i, ready] of [[0, '.matches .card'], [2, '.cell img']]) {
      await page.getByRole('navigation').getByRole('button').nth(i).click();
      await page.locator(ready).first().waitFor({ timeout: 60_000 });
      const cut = await page.evaluate(() =>
        [...document.querySelectorAll('button')].filter((b) => b.scrollWidth > b.clientWidth + 1 && !b.closest('.tags')).map((b) => b.textContent),
      );
      assert.deepEqual(cut, [], language);
      const outside = await page.evaluate(() =>
        [...document.querySelectorAll('header button, .choice button')].filter((b) => !b.closest('.tags') && b.getBoundingClientRect().right > innerWidth).map((b) => b.textContent),
      );
      assert.deepEqual(outside, [], language);
      if (shots) await page.screenshot({ path: join(shots, `language-${language}-${i}.png`) });
    }
  }
  await page.getByRole('button', { name: 'Newest' }).click();
  await shows(total + files.length);
});

await step('words and tags are written, and searched', async () => {
  await cells().first().click();
  await dialog().getByRole('button', { name: 'Edit' }).click();
  await dialog().getByRole('textbox', { name: 'Caption' }).fill('<b>Monday</b> morning');
  await dialog().getByRole('textbox', { name: 'Tags' }).fill('office, mornings');
  await dialog().getByRole('button', { name: 'Save' }).click();
  await dialog().getByRole('heading', { name: '<b>Monday</b> morning' }).waitFor();
  await look('picture');
  await dialog().getByRole('button', { name: 'Close' }).click();
  await page.getByRole('searchbox').fill('MONDAY');
  await shows(1);
  await page.getByText('1 found').waitFor();
  await page.getByRole('searchbox').fill('no such words');
  await page.getByText('No picture fits.').waitFor();
  await page.getByRole('searchbox').fill('');
  await shows(total + files.length);
  await page.getByRole('button', { name: 'office' }).click();
  await shows(1);
  await page.getByRole('button', { name: 'By expression' }).click();
  await shows(1);
  await page.getByRole('button', { name: 'All', exact: true }).click();
  await shows(total + files.length);
  const found = JSON.parse(run('gallery', 'list', gallery, '--json', '--tag', 'office').split('\n')[0]);
  assert.match(JSON.stringify(found), /<b>Monday<\/b> morning/);
});

await step('a face is searched for, and sends no picture', async () => {
  sent.length = 0;
  await page.locator('input[type=file]').last().setInputFiles(second);
  await page.getByText('Pictures that make this face').waitFor();
  await page.locator('.cell-words').first().waitFor();
  const first = await cells().first().getAttribute('aria-label');
  const [best] = native(second, '--pure');
  assert.ok(first.startsWith(`${best}, `) && first.endsWith('% alike'), `${first} and ${best}`);
  assert.deepEqual(sent.map(({ url }) => new URL(url).pathname), ['/v1/search']);
  await look('face');
  await cells().first().click();
  await dialog().getByRole('button', { name: 'More like this' }).click();
  await dialog().waitFor({ state: 'hidden' });
  await page.getByText('100 % alike').first().waitFor();
  await page.getByRole('button', { name: 'Show all' }).click();
  await shows(total + files.length);
});

await step('a picture is removed, after a question', async () => {
  await page.getByRole('searchbox').fill('Monday');
  await shows(1);
  await cells().first().click();
  await dialog().getByRole('button', { name: 'Remove' }).click();
  await dialog().getByText('Remove this picture from the library?').waitFor();
  await dialog().getByRole('button', { name: 'Remove' }).click();
  await page.getByText('No picture fits.').waitFor();
  await page.getByRole('searchbox').fill('');
  await shows(total + files.length - 1);
});

await step('files are dropped into the library', async () => {
  const bytes = readFileSync(files.at(-1)).toString('base64');
  const transfer = await page.evaluateHandle((base64) => {
    const data = new DataTransfer();
    const file = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    data.items.add(new File([file], 'again.png', { type: 'image/png' }));
    return data;
  }, bytes);
  await page.dispatchEvent('.library', 'dragenter', { dataTransfer: transfer });
  await page.getByText('Drop pictures to add them').waitFor();
  await page.dispatchEvent('.library', 'drop', { dataTransfer: transfer });
  await page.getByText('Added 1 picture').waitFor();
  await shows(total + files.length);
});

await step('without the server the galleries of the device answer, and it comes back', async () => {
  await page.evaluate(() => navigator.serviceWorker.ready);
  await server.stop();
  await page.reload();
  await cards().first().waitFor({ timeout: 60_000 });
  assert.equal(await page.getByRole('button', { name: 'Drawings' }).getAttribute('aria-pressed'), 'true');
  await tab('Library');
  await page.getByText('The server cannot be reached').waitFor();
  await look('offline');
  const again = await serve(server.address, '--gallery', gallery);
  await cells().first().waitFor({ timeout: 30_000 });
  await tab('Camera');
  await page.locator('.choice').getByRole('button', { name: 'Library', pressed: true }).waitFor();
  await again.stop();
});

const keys = join(work, 'keys.json');
const readKey = run('serve', 'key', 'add', 'reader', '--keys', keys);
const adminKey = run('serve', 'key', 'add', 'boss', '--scope', 'admin', '--keys', keys);
const closed = await serve('127.0.0.1:0', '--gallery', gallery, '--keys', keys);
const useKey = async (key) => {
  await page.getByLabel('Key', { exact: true }).fill(key);
  await page.getByRole('button', { name: 'Use it' }).click();
};

await step('a server with keys asks for one, and refuses a wrong one', async () => {
  await page.goto(closed.url);
  await page.getByRole('button', { name: 'Start the camera' }).click();
  await page.getByText('This server asks for a key').waitFor();
  await look('key');
  await useKey(`${readKey}x`);
  await page.getByText('The server does not know this key').waitFor();
  await look('key-wrong');
  await tab('Camera');
  await cards().first().waitFor({ timeout: 60_000 });
  assert.equal(await page.getByRole('button', { name: 'Drawings' }).getAttribute('aria-pressed'), 'true');
  await page.locator('.choice').getByRole('button', { name: 'Library' }).click();
  await page.getByText('This server asks for a key').waitFor();
});

await step('a key that may read shows pictures and nothing to change them', async () => {
  await useKey(readKey);
  await shows(total + files.length);
  assert.equal(await page.getByRole('button', { name: 'Add pictures' }).count(), 0);
  await cells().first().click();
  await dialog().getByRole('button', { name: 'More like this' }).waitFor();
  for (const name of ['Edit', 'Remove']) assert.equal(await dialog().getByRole('button', { name }).count(), 0);
  await dialog().getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Server and keys' }).click();
  await page.getByText('Your key: reader').waitFor();
  assert.equal(await page.getByRole('heading', { name: 'New key' }).count(), 0);
  await look('reader');
  // It is in this tab alone.
  assert.deepEqual(await page.evaluate(() => [sessionStorage.length, localStorage.getItem('moue-key')]), [1, null]);
  const other = await context.newPage();
  watch(other);
  await other.goto(closed.url);
  await other.getByText('This server asks for a key').waitFor();
  await other.close();
  await page.getByRole('button', { name: 'Forget it here' }).click();
  await page.getByText('This server asks for a key').waitFor();
});

await step('keys are made, shown once, used and revoked', async () => {
  await page.getByRole('radio', { name: /On this device/ }).check();
  await useKey(adminKey);
  await shows(total + files.length);
  assert.equal(await page.evaluate(() => localStorage.getItem('moue-key')), adminKey);
  await page.getByRole('button', { name: 'Server and keys' }).click();
  await page.getByRole('button', { name: 'Revoke reader' }).waitFor();
  const name = page.getByLabel('Name, such as kitchen-tablet');
  await name.fill('no name!');
  await page.getByText('A name has 1 to 64 letters').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Make the key' }).isDisabled());
  await name.fill('reader');
  await page.getByRole('button', { name: 'Make the key' }).click();
  await page.getByText('There is a key of this name already.').waitFor();
  await name.fill('kitchen-tablet');
  await page.getByRole('checkbox', { name: 'Add, change, remove' }).check();
  await page.getByRole('button', { name: 'Make the key' }).click();
  const key = await page.locator('.made code').textContent();
  await look('keys');
  const info = async () => {
    const answer = await fetch(`${closed.url}v1/info`, { headers: { 'x-api-key': key } });
    return [answer.status, (await answer.json()).scopes];
  };
  assert.deepEqual(await info(), [200, ['read', 'write']]);
  await page.getByRole('button', { name: 'Revoke kitchen-tablet' }).click();
  await page.getByText('Whoever uses it is shut out at once').waitFor();
  await page.getByRole('button', { name: 'Revoke kitchen-tablet' }).click();
  await page.getByRole('button', { name: 'Revoke kitchen-tablet' }).waitFor({ state: 'detached' });
  assert.deepEqual(await info(), [401, undefined]);
  assert.ok(!(await page.content()).includes(key));
  // A key that is revoked under the page: it asks for another one.
  run('serve', 'key', 'revoke', 'boss', '--keys', keys);
  await page.waitForTimeout(1200);
  await page.getByRole('button', { name: 'Back to the pictures' }).click();
  await page.getByText('This server asks for a key').waitFor();
});

await step('nothing was asked for elsewhere, and nothing failed', async () => {
  assert.deepEqual(elsewhere, []);
  // The browser reports each refusal and each failed request itself.
  const own = faults.filter((fault) => !/ERR_|Failed to load resource/.test(fault));
  assert.deepEqual(own, []);
});

await context.close();
for (const child of children) child.kill();
rmSync(work, { recursive: true, force: true });
