// Pictures inside of ZIP files.

import { unzip } from 'fflate';

const TYPES: Record<string, string> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  heic: 'image/heic',
  bmp: 'image/bmp',
};

/** A picture that claims to be larger than this is left out: what unpacks without end is no picture. */
const MAX_BYTES = 100_000_000;

function ending(name: string): string {
  return name.split('.').pop()?.toLowerCase() ?? '';
}

/** Every file as it is, and the pictures of ZIP files in their place. */
export async function unpacked(files: File[]): Promise<File[]> {
  const all = await Promise.all(files.map((file) => (ending(file.name) === 'zip' ? members(file) : [file])));
  return all.flat();
}

/** The pictures of a ZIP file; a damaged one stays a file, which then counts as one that failed. */
async function members(archive: File): Promise<File[]> {
  const bytes = new Uint8Array(await archive.arrayBuffer());
  return new Promise((resolve) => {
    unzip(
      bytes,
      { filter: ({ name, originalSize }) => ending(name) in TYPES && originalSize <= MAX_BYTES },
      (error, found) => {
        if (error) return resolve([archive]);
        resolve(Object.entries(found).map(([name, data]) => asFile(archive.name, name, data)));
      },
    );
  });
}

function asFile(archive: string, name: string, data: Uint8Array): File {
  const type = TYPES[ending(name)] ?? '';
  return new File([data as Uint8Array<ArrayBuffer>], `${archive}!/${name}`, { type });
}
