// The module's numbers beside the program's with the same networks, those of live detection:
// node tests/numbers.mjs MOUE FOLDER…
//
// Embeds pictures in node with the module and its weights, and with the native program, and
// compares. ffmpeg makes PNG files of all of them first: two decoders of JPEG, one with and one without
// vector instructions, differ by a level here and there, which is another picture.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asset, engineWith, Gallery, Picture } from './module.mjs';

const [moue, ...folders] = process.argv.slice(2);
// Of each folder, in the order of their names.
const MOST = 50;
const engine = engineWith();
const gallery = Gallery.open(asset('builtin.moue'), 'builtin');

const inFolder = (folder) =>
  readdirSync(folder)
    .filter((name) => /\.(jpe?g|png)$/i.test(name))
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).size < 2e6)
    .slice(0, MOST);
const work = mkdtempSync(join(tmpdir(), 'moue-numbers-'));
process.on('exit', () => rmSync(work, { recursive: true }));
const asPng = (path, i) => {
  const png = join(work, `${i}.png`);
  execFileSync('ffmpeg', ['-v', 'error', '-i', path, '-frames:v', '1', png]);
  return png;
};
const pictures = folders.flatMap(inFolder).map(asPng);
assert.ok(pictures.length > 0, `no pictures in ${folders}`);

const lines = (...args) => {
  // A picture without a face is status 1.
  const { status, stdout, stderr } = spawnSync(moue, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.ok(status === 0 || status === 1, stderr);
  return stdout.trim().split('\n').map((line) => JSON.parse(line));
};
const embedded = new Map(lines('embed', '--effort', 'live', '--json', ...pictures).map((p) => [p.picture, p.faces]));
const found = new Map(lines('find', '--effort', 'live', '--face', 'all', '--pure', '--json', ...pictures).map((p) => [p.picture, p.faces]));

// The networks' last layers and the positions that they give are computed in floats, where fused
// multiplications round once and WebAssembly has none. Crops are cut on a grid, which hides that, and
// the byte network then computes the same numbers.
const SAME = 1e-3;

const distances = [];
let sameFirst = 0;
for (const path of pictures) {
  const picture = Picture.decode(readFileSync(path));
  const own = engine.find(picture, gallery, { faces: 'all', effort: 'live' }, { pure: true });
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
const total = distances.length;
const same = distances.filter((distance) => distance <= SAME).length;
console.log(
  `${pictures.length} pictures, ${total} faces: ${same} embeddings within ${SAME} of the native ones, ` +
    `the farthest ${Math.max(...distances).toFixed(4)}; same first match ${sameFirst} of ${total}`,
);
assert.equal(same, total);
assert.equal(sameFirst, total);
