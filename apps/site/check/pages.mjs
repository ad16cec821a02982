import { readdirSync } from 'node:fs';

/** The site's own pages, as paths in `dist`: not those of the web app and of rustdoc beside it. */
export function ownPages(dist) {
  const all = readdirSync(dist, { recursive: true });
  return all.filter((file) => file.endsWith('.html') && !/^(app|crates)\//.test(file)).sort();
}
