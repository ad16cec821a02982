// The module's numbers beside the program's: node tests/numbers.mjs MOUE PICTURES… [COUNT]
//
// Embeds pictures in node with the module and its weights, and with the native program, and
// compares. Both decode the files themselves.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const [moue, folder, count = '50'] = process.argv.slice(2);
const assets = new URL('../../npm/assets/', import.meta.url);
const { default: init, Engine, Gallery, Picture } = await import('../../npm/dist/wasm/moue_wasm.js');
const file = (name) => readFileSync(new URL(name, assets));
await init({ module_or_path: file('moue_wasm_bg.wasm') });
const engine = new Engine(file('face.tflite'), file('refine.tflite'), file('expression.tflite'));
const gallery = Gallery.open(file('builtin.moue'), 'builtin');

const pictures = readdirSync(folder)
  .filter((name) => /\.(jpe?g|png)$/i.test(name))
  .sort()
  .map((name) => join(folder, name))
  .filter((path) => statSync(path).size < 2e6)
  .slice(0, Number(count));
assert.ok(pictures.length > 0, `no pictures in ${folder}`);

const lines = (...args) => {
  // A picture without a face is status 1.
  const { status, stdout, stderr } = spawnSync(moue, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.ok(status === 0 || status === 1, stderr);
  return stdout.trim().split('\n').map((line) => JSON.parse(line));
};
const embedded = new Map(lines('embed', '--json', ...pictures).map((p) => [p.picture, p.faces]));
const found = new Map(lines('find', '--face', 'all', '--pure', '--json', ...pictures).map((p) => [p.picture, p.faces]));

// Detection is computed in floats, where fused multiplications round once and WebAssembly has none.
// The byte network amplifies that: a pixel on the border between two codes changes the embedding by
// some thousandths. Measured on 41 faces: half are within 0.006, the farthest is 0.027.
const MEDIAN = 0.02;
// So near neighbors change places now and then.
const SAME_FIRST = 0.9;

const distances = [];
let sameFirst = 0;
for (const path of pictures) {
  const picture = Picture.decode(readFileSync(path));
  const own = engine.find(picture, gallery, { faces: 'all' }, { pure: true });
  picture.free();
  const theirs = embedded.get(path) ?? [];
  assert.equal(own.length, theirs.length, `faces of ${path}`);
  for (const [i, face] of own.entries()) {
    const { embedding } = theirs[i];
    if (!face.expression || !embedding) continue;
    distances.push(Math.hypot(...face.expression.map((v, k) => v - embedding[k])));
    // One pose has twenty characters at about the same distance, so the label is what must agree.
    sameFirst += face.matches[0].label === found.get(path)[i].matches[0].label ? 1 : 0;
  }
}
distances.sort((a, b) => a - b);
const middle = distances[distances.length >> 1];
const farthest = distances.at(-1);
const share = sameFirst / distances.length;
console.log(
  `${pictures.length} pictures, ${distances.length} faces: distance to the native embedding ` +
    `${middle.toFixed(4)} (median), ${farthest.toFixed(4)} (farthest); same first match ${share.toFixed(3)}`,
);
assert.ok(middle < MEDIAN && share >= SAME_FIRST);
