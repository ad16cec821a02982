// Writes what commands print today into the tutorials: node check/refresh.mjs TARGET [PAGE …]
//
// Needed after new weights. Every line that is shown below a command, and that the command does not
// print, is replaced by what it prints at that place; so is a line that differs in numbers alone. Read
// the difference (`git diff docs`): a word beside the block may tell of the old answer. TARGET is as for
// check/commands.mjs.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commands, refreshed } from './console.mjs';
import { PAGES, pageFolder, repository, run } from './tutorials.mjs';

/** Refreshes a page; returns how many lines have changed. */
function refresh(page) {
  const file = join(repository, `docs/${page}.md`);
  let text = readFileSync(file, 'utf8');
  const folder = pageFolder(page, text);
  let changed = 0;
  for (const { command, shown } of commands(text)) {
    const printed = run(command, folder).split('\n').filter((line) => line !== '');
    const lines = refreshed(shown, printed);
    lines.forEach((line, i) => {
      if (line.trim() === shown[i].trim()) return;
      text = text.replace(`\n${shown[i]}\n`, () => `\n${line.trimEnd()}\n`);
      changed++;
    });
  }
  rmSync(folder, { recursive: true });
  writeFileSync(file, text);
  return changed;
}

const asked = process.argv.slice(3);
for (const page of asked.length > 0 ? asked : PAGES) console.log(`${page}: ${refresh(page)} lines changed`);
