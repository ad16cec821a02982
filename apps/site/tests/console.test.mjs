// What replaces the lines that are shown below commands.

import assert from 'node:assert/strict';
import test from 'node:test';
import { refreshed } from '../check/console.mjs';

test('lines that differ are replaced by those at their place', () => {
  const printed = ['me.jpg', '  0.440  We did it!  kaz-cheer', '  0.620  Best day ever!  vik-grin', 'done'];
  const shown = ['me.jpg', '  0.458  We did it!  bolt-cheer', '  0.729  Best day ever!  vik-grin'];
  assert.deepEqual(refreshed(shown, printed), printed.slice(0, 3));
  assert.deepEqual(refreshed(['done'], printed), ['done'], 'a line may be from further down');
  assert.deepEqual(refreshed(['0.729  Best day ever!  vik-grin'], printed), [printed[2]], 'numbers are refreshed too');
  const all = ['0.485 We did it!', '0.613 We did it!', '0.690 Best day ever!'];
  const before = ['0.458 We did it!', '0.545 Best day ever!', "0.729 I can't breathe!"];
  assert.deepEqual(refreshed(before, all), all, 'the whole output stays whole');
  assert.deepEqual(refreshed(['a', 'b'], ['b', 'a']), ['a', 'b'], 'another order stays');
  assert.deepEqual(refreshed(['a', 'b'], ['a']), ['a', 'b'], 'what is printed no more stays');
});
