// Writes what commands print today into the tutorials: node check/refresh.mjs TARGET [PAGE …]
//
// Needed after new weights. What is shown below a command is replaced by what it prints: all of it if it
// is as many lines, else each line by the one at its place or the one that differs in numbers alone. Read
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
    const lines = refreshed(shown, printed).map((line) => line.trimEnd());
    const different = lines.filter((line, i) => line.trim() !== shown[i].trim()).length;
    if (different === 0) continue;
    const block = `\n${shown.join('\n')}\n`;
    if (!text.includes(block)) throw new Error(`${page}: an empty line in what ${command} prints`);
    text = text.replace(block, () => `\n${lines.join('\n')}\n`);
    changed += different;
  }
  rmSync(folder, { recursive: true });
  writeFileSync(file, text);
  return changed;
}

const asked = process.argv.slice(3);
for (const page of asked.length > 0 ? asked : PAGES) console.log(`${page}: ${refresh(page)} lines changed`);
