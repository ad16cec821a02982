// A page for a file or folder of the repository that has no chapter.

import { readFileSync, readdirSync, statSync } from 'node:fs';
import { extname, join, posix } from 'node:path';

const LANGUAGES = { '.rs': 'rust', '.py': 'python', '.mjs': 'js', '.ts': 'ts', '.json': 'json', '.toml': 'toml', '.yml': 'yaml', '.sh': 'sh', '.pbtxt': 'txt' };

/** Pages of sources are not searched: their words would drown those of the chapters. */
const HEAD = '---\nsearch: false\noutline: false\n---\n\n';

/** The Markdown of the page. */
export function pageOf(repository, file) {
  const path = join(repository, file);
  if (statSync(path).isDirectory()) return folder(path, file);
  if (file.endsWith('.md')) return readFileSync(path, 'utf8');
  const language = LANGUAGES[extname(file)] ?? 'txt';
  return `${HEAD}# \`${file}\`\n\n\`\`\`\`${language}\n${readFileSync(path, 'utf8').trimEnd()}\n\`\`\`\`\n`;
}

function folder(path, file) {
  const names = readdirSync(path).filter((name) => statSync(join(path, name)).isFile());
  // Links are resolved from the folder's own page, which lies beside it.
  const list = names.map((name) => `- [\`${name}\`](${posix.join(posix.basename(file), name)})`);
  return `${HEAD}# \`${file}\`\n\n${list.join('\n')}\n`;
}
