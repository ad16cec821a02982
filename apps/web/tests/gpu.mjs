// The expression network through WebGPU in Chromium, compared with the CPU's:
// node tests/gpu.mjs MODULE PICTURE PICTURE
//
// MODULE is the folder that `cargo xtask web --gpu` writes. Without a GPU, Chromium's own
// SwiftShader imitates one.

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { serve } from './serve.mjs';

const [module, ...pictures] = process.argv.slice(2);
const models = fileURLToPath(new URL('../../../crates/moue/models', import.meta.url));

/** Most that one of the 64 numbers may differ: a few codes of 8 bits, as some round to the neighbor. */
const TOLERANCE = 0.03;
/** More than two batches, of which the last is not full. */
const FACES = 10;
const BATCH = 4;

/** In the page: loads the module; the others use what it keeps. */
async function load(count) {
  const { default: init, ...module } = await import('/moue_wasm.js');
  const bytes = async (name) => new Uint8Array(await (await fetch(name)).arrayBuffer());
  await init({ module_or_path: fetch('/moue_wasm_bg.wasm') });
  const files = ['face_int8', 'refine_int8', 'expression_int8'].map((n) => bytes(`/${n}.tflite`));
  const [face, refine, expression] = await Promise.all(files);
  const engine = new module.Engine(face, refine, expression);
  const pictures = [];
  for (let i = 0; i < count; i++) pictures.push(module.Picture.decode(await bytes(`/picture${i}`)));
  globalThis.moue = { ...module, face, expression, engine, pictures };
}

/** In the page: the faces of the pictures on the CPU, and in turns on the GPU. */
async function both([faces, batch]) {
  const { GpuEmbedder, Picture, engine, expression, pictures } = globalThis.moue;
  const gpu = await GpuEmbedder.open(expression, batch);
  for (let i = 0; i < faces; i++) gpu.add(engine, pictures[i % pictures.length], {});
  const small = Picture.fromPixels(new Uint8Array(4 * 4 * 4), 4, 4);
  const [tooSmall] = gpu.add(engine, small, { cropped: true });
  const queued = gpu.queued;
  const found = await gpu.embed();
  const left = gpu.queued;
  gpu.add(engine, pictures[0], {});
  gpu.clear();
  return {
    name: gpu.name,
    queued,
    left,
    tooSmall: tooSmall.error,
    cleared: (await gpu.embed()).length,
    cpu: pictures.map((picture) => engine.embed(picture, {})[0].expression),
    gpu: [...found],
  };
}

/** In the page: why another network is refused, or a page without WebGPU. */
const refused = (file) =>
  globalThis.moue.GpuEmbedder.open(globalThis.moue[file], 1).then(
    () => 'opened',
    (error) => `${error.code}: ${error.message}`,
  );

const folder = mkdtempSync(join(tmpdir(), 'moue-gpu-'));
cpSync(module, folder, { recursive: true });
cpSync(models, folder, { recursive: true });
pictures.forEach((picture, i) => cpSync(picture, join(folder, `picture${i}`)));
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>gpu</title>');
const server = await serve(folder);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--enable-unsafe-webgpu'],
});
try {
  const page = await browser.newPage();
  await page.goto(server.url);
  await page.evaluate(load, pictures.length);
  const answer = await page.evaluate(both, [FACES, BATCH]);
  assert.equal(answer.queued, FACES);
  assert.equal(answer.left, 0);
  assert.equal(answer.cleared, 0);
  assert.match(answer.tooSmall, /too small/);
  const length = answer.cpu[0].length;
  assert.equal(answer.gpu.length, FACES * length);
  const expected = (i) => answer.cpu[Math.floor(i / length) % pictures.length][i % length];
  const most = Math.max(...answer.gpu.map((value, i) => Math.abs(value - expected(i))));
  assert.ok(most <= TOLERANCE, `${most} apart`);
  console.log(`ok ${FACES} faces on ${answer.name || 'the GPU'}: at most ${most.toFixed(4)} apart`);

  assert.match(await page.evaluate(refused, 'face'), /^network: /);
  await page.evaluate(() => Object.defineProperty(Navigator.prototype, 'gpu', { value: undefined }));
  assert.match(await page.evaluate(refused, 'expression'), /^network: .*WebGPU/);
  console.log('ok another network, and a browser without WebGPU, are refused');
} finally {
  await browser.close();
  await server.stop();
}
