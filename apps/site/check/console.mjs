// Blocks of code in Markdown.

/** The contents of all blocks of a language. */
export function fenced(markdown, language) {
  const blocks = [...markdown.matchAll(/^ *```([\w,]*)\n([\s\S]*?)^ *```$/gm)];
  return blocks.filter((block) => block[1] === language).map((block) => block[2]);
}

/** The commands of all `console` blocks, each with the lines that are shown below it. */
export function commands(markdown) {
  return fenced(markdown, 'console').flatMap(ofBlock);
}

function ofBlock(block) {
  const found = [];
  let continued = false;
  for (const line of block.split('\n').filter((text) => text !== '')) {
    if (line.startsWith('$ ')) found.push({ command: line.slice(2), shown: [] });
    else if (continued) found.at(-1).command += `\n${line}`;
    else found.at(-1)?.shown.push(line);
    continued = line.endsWith('\\');
  }
  return found;
}

/** A line without its numbers, as processors round differently. */
export const plain = (line) => line.replace(/\d+/g, '#').trim();

/** What a command prints in place of the lines that are shown: all of it if it is as many lines, or those
 * at the same places. */
export function refreshed(shown, printed) {
  const known = printed.map(plain);
  // Lines of standard error come before or after those of standard output.
  const isReordered = shown.every((line) => known.includes(plain(line)));
  if (shown.length === printed.length && !isReordered) return printed;
  let next = 0;
  return shown.map((line) => {
    const same = printed.findIndex((other, i) => i >= next && plain(other) === plain(line));
    const at = same === -1 ? next : same;
    next = at + 1;
    return printed[at] ?? line;
  });
}
