// What the tests that drive the app in Chromium ask of its page.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Runs a step of a test and prints its name and how long it took. */
export async function step(name, body) {
  const begun = performance.now();
  await body();
  console.log(`ok ${name} (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
}

/** The cards of the matches on the page. */
export const cards = (page) => page.locator('.matches .card');

/** What the matches are called. */
export async function labels(page) {
  const all = await cards(page).evaluateAll((list) => list.map((card) => card.getAttribute('aria-label')));
  return all.map((label) => label.replace(/^Match \d: /, ''));
}

/** What the matches of the first face are called in the JSON of `moue find`. */
export function labelsOf(json) {
  const [first] = JSON.parse(json.trim().split('\n')[0]).faces;
  return first.matches.map((match) => match.caption ?? match.label);
}

/** Writes what the camera shows now as PNG. */
export async function saveFrame(page, file) {
  const frame = await page.evaluate(() => {
    const video = document.querySelector('video');
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    canvas.getContext('2d').drawImage(video, 0, 0);
    return canvas.toDataURL('image/png').split(',')[1];
  });
  writeFileSync(file, Buffer.from(frame, 'base64'));
}

/** axe-core finds no fault of access on the page. */
export async function checkAccess(page, where) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  const found = violations.map((v) => `${v.id}: ${v.nodes[0].target} ${v.nodes[0].failureSummary}`);
  assert.deepEqual(found, [], `axe-core on ${where}`);
}
