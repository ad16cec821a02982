import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin, type Rollup } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Writes the lists of the files that the service worker keeps: those of every visit, and those of the
 * part for a server's gallery. */
function fileList(): Plugin {
  return {
    name: 'file-list',
    apply: 'build',
    async generateBundle(_, bundle) {
      const own = await readdir(here('public'), { recursive: true, withFileTypes: true });
      const copied = own.filter((f) => f.isFile() && f.name !== 'sw.js').map((f) => f.name);
      const late = new Set(Object.values(bundle).flatMap(lateFiles));
      const files = [...Object.keys(bundle).filter((f) => !late.has(f)), ...copied, 'index.html'];
      const unique = [...new Set(files)].filter((f) => !f.endsWith('.map')).sort();
      this.emitFile({ type: 'asset', fileName: 'files.json', source: JSON.stringify(unique) });
      this.emitFile({ type: 'asset', fileName: 'served.json', source: JSON.stringify([...late]) });
    },
  };
}

/** A part that is imported dynamically, and its styles. */
function lateFiles(part: Rollup.OutputChunk | Rollup.OutputAsset): string[] {
  if (part.type !== 'chunk' || !part.isDynamicEntry) return [];
  return [part.fileName, ...(part.viteMetadata?.importedCss ?? [])];
}

export default defineConfig({
  // Relative, so that the folder can be served at any address.
  base: './',
  resolve: {
    alias: { moue: here('../npm/src/index.ts'), '@assets': here('../npm/assets') },
  },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    // The networks and galleries must stay files of their own.
    assetsInlineLimit: 0,
    emptyOutDir: true,
  },
  plugins: [fileList()],
});
