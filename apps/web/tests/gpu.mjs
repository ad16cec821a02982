// The expression network through WebGPU in Chromium, beside the processor's:
// node tests/gpu.mjs MODULE PICTURE
//
// MODULE is the folder that `cargo xtask web --gpu` writes. Without a card, Chromium's own
// SwiftShader imitates one.

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { serve } from './serve.mjs';

const [module, picture] = process.argv.slice(2);
const models = fileURLToPath(new URL('../../../crates/moue/models', import.meta.url));

/** Most that one of the 64 numbers may differ: a few codes of 8 bits, as some round to the neighbor. */
const TOLERANCE = 0.03;
/** More than two batches, of which the last is not full. */
const FACES = 10;
const BATCH = 4;

/** In the page: the face on the processor, and FACES times on the card. */
async function both([faces, batch]) {
  const { default: init, Card, Engine, Picture } = await import('/moue_wasm.js');
  const bytes = async (name) => new Uint8Array(await (await fetch(name)).arrayBuffer());
  await init({ module_or_path: fetch('/moue_wasm_bg.wasm') });
  const files = ['face_int8', 'refine_int8', 'expression_int8'].map((n) => bytes(`/${n}.tflite`));
  const [face, refine, expression] = await Promise.all(files);
  const engine = new Engine(face, refine, expression);
  const picture = Picture.decode(await bytes('/picture'));
  const card = await Card.open(expression, batch);
  const refused = await Card.open(face, batch).catch((error) => error);
  for (let i = 0; i < faces; i++) card.add(engine, picture, {});
  const waiting = card.waiting;
  const found = await card.embed();
  return {
    name: card.name,
    waiting,
    left: card.waiting,
    refused: refused.code,
    processor: engine.embed(picture, {})[0].expression,
    card: [...found],
  };
}

const folder = mkdtempSync(join(tmpdir(), 'moue-gpu-'));
cpSync(module, folder, { recursive: true });
cpSync(models, folder, { recursive: true });
cpSync(picture, join(folder, 'picture'));
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>gpu</title>');
const server = await serve(folder);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--enable-unsafe-webgpu'],
});
try {
  const page = await browser.newPage();
  await page.goto(server.url);
  const answer = await page.evaluate(both, [FACES, BATCH]);
  assert.equal(answer.waiting, FACES);
  assert.equal(answer.left, 0);
  assert.equal(answer.refused, 'network', 'another network is refused');
  assert.equal(answer.card.length, FACES * answer.processor.length);
  const apart = answer.card.map((v, i) => Math.abs(v - answer.processor[i % answer.processor.length]));
  const most = Math.max(...apart);
  assert.ok(most <= TOLERANCE, `${most} apart`);
  console.log(`ok ${FACES} faces on ${answer.name || 'the card'}: at most ${most.toFixed(4)} apart`);

  // A page without WebGPU is told.
  await page.evaluate(() => Object.defineProperty(Navigator.prototype, 'gpu', { value: undefined }));
  const code = await page.evaluate(async () => {
    const { Card } = await import('/moue_wasm.js');
    return Card.open(new Uint8Array(), 1).then(() => 'opened', (error) => error.code);
  });
  assert.equal(code, 'network');
  console.log('ok without WebGPU there is an error');
} finally {
  await browser.close();
  await server.stop();
}
