// What a first visit loads, compressed: node tests/size.mjs APP

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

/** Bytes that a phone should not have to wait for, in any compression that hosts use. */
const MOST = 3_500_000;

const [app] = process.argv.slice(2);
const files = [...JSON.parse(readFileSync(join(app, 'files.json'), 'utf8')), 'sw.js', 'files.json'];
let [plain, gzip, brotli] = [0, 0, 0];
for (const name of files) {
  const bytes = readFileSync(join(app, name));
  plain += bytes.length;
  gzip += gzipSync(bytes, { level: 9 }).length;
  brotli += brotliCompressSync(bytes).length;
}
const shown = (n) => `${(n / 1e6).toFixed(2)} MB`;
console.log(`${files.length} files: ${shown(plain)}, gzip ${shown(gzip)}, brotli ${shown(brotli)}`);
assert.ok(brotli <= MOST && gzip <= MOST);
