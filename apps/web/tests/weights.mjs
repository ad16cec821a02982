// Galleries and networks that do not belong together: node tests/weights.mjs
//
// An engine with another expression network embeds, but neither searches in a gallery nor adds to
// one: embeddings of two networks cannot be compared.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { asset, engineWith, Gallery, Picture, Tracker } from './module.mjs';

const models = new URL('../../../crates/moue/models/', import.meta.url);
const sample = new URL('../../../docs/sample.png', import.meta.url);
const own = engineWith();
const other = engineWith(readFileSync(new URL('expression.tflite', models)));

const gallery = Gallery.open(asset('builtin.moue'), 'builtin');
const mine = Gallery.inMemory(undefined, 'mine');
const file = readFileSync(sample);
const picture = Picture.decode(file);
const uses = (engine) => ({
  find: () => engine.find(picture, gallery, {}, {}),
  track: () => new Tracker(engine).track(picture, 0, gallery, {}),
  add: () => engine.add(mine, file, picture, {}),
});

for (const [name, use] of Object.entries(uses(other))) {
  assert.throws(use, { code: 'other-weights' }, name);
}
assert.equal(mine.pictureCount(), 0, 'nothing was stored');
assert.equal(other.embed(picture, {})[0].expression.length, 64);

for (const [name, use] of Object.entries(uses(own))) assert.ok(use(), name);
assert.equal(mine.pictureCount(), 1);
console.log('an engine with another expression network is refused by galleries');
