// node --test tests/stage.test.mjs

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { typed } from '../.vitepress/theme/copy.mjs';
import { bars } from '../charts/bars.mjs';
import { lines } from '../charts/lines.mjs';
import { commands, fenced } from '../check/console.mjs';
import { rewriteLinks } from '../stage/links.mjs';
import { slug } from '../stage/slug.mjs';

const where = () => ({
  file: 'docs/guide.md',
  repository: fileURLToPath(new URL('../../../', import.meta.url)),
  site: new Map([['docs/guide.md', 'guide'], ['docs/json.md', 'json'], ['bench/README.md', 'benchmarks']]),
  sources: new Set(),
  pictures: new Set(),
});

test('a chapter becomes its page, with the anchor', () => {
  assert.equal(rewriteLinks('see [JSON](json.md#a-match).', where()), 'see [JSON](/json.md#a-match).');
  assert.equal(rewriteLinks('[all](../bench)', where()), '[all](/benchmarks.md)');
});

test('a file of the repository gets a page of its own', () => {
  const all = where();
  assert.equal(rewriteLinks('[`deny.toml`](../deny.toml)', all), '[`deny.toml`](/files/deny.toml.md)');
  assert.deepEqual([...all.sources], ['deny.toml']);
});

test('a picture is copied, also within a link', () => {
  const all = where();
  assert.equal(rewriteLinks('[![x](sample.png)](json.md)', all), '[![x](/pictures/docs/sample.png)](/json.md)');
  assert.deepEqual([...all.pictures], ['docs/sample.png']);
});

test('what is elsewhere, and what is code, stays', () => {
  for (const text of ['[a](https://example.org/x.md)', '[a](#here)', '```\n[a](json.md)\n```']) {
    assert.equal(rewriteLinks(text, where()), text);
  }
});

test('a link to nothing, or out of the repository, is refused', () => {
  assert.throws(() => rewriteLinks('[a](nothing.md)', where()), /not there/);
  assert.throws(() => rewriteLinks('[a](../../other.md)', where()), /outside/);
});

test('anchors are those of GitHub', () => {
  assert.equal(slug('6. A calculator of your own'), '6-a-calculator-of-your-own');
  assert.equal(slug('The program: `moue-cli`'), 'the-program-moue-cli');
});

test('commands go over several lines and have what is shown below them', () => {
  const text = '```console\n$ one \\\n    two\nshown\n$ three\n```\n\n```sh\nnot run\n```\n';
  assert.deepEqual(commands(text), [{ command: 'one \\\n    two', shown: ['shown'] }, { command: 'three', shown: [] }]);
  assert.deepEqual(fenced(text, 'sh'), ['not run\n']);
});

test('the longest bar is as long as its value says, and words are escaped', () => {
  const svg = bars({ title: 'a < b', groups: [{ rows: [{ label: 'x', value: 2, ours: true }, { label: 'y', value: 1 }] }] });
  const widths = [...svg.matchAll(/<rect[^>]* width="([\d.]+)"/g)].map((match) => Number(match[1]));
  assert.equal(widths[0], 2 * widths[1]);
  assert.ok(svg.includes('a &lt; b. x 2.00, y 1.00.'));
});

test('ten times as much is one step further', () => {
  const series = [{ name: 'x', points: [[1, 1], [10, 10], [100, 100]] }];
  const svg = lines({ title: '', series, xs: [1, 100], ys: [1, 100], xName: '', yName: '' });
  const [a, b, c] = svg.match(/points="([^"]+)"/)[1].split(' ').map((point) => Number(point.split(',')[0]));
  assert.ok(Math.abs(b - a - (c - b)) < 0.2);
});

test('what is printed is not copied', () => {
  assert.equal(typed('$ one \\\n    two\nprinted\n$ three\n'), 'one \\\n    two\nthree');
});
