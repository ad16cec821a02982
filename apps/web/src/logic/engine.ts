// The library in its worker, and the galleries that can be searched.

import { Gallery, type Match, Moue, MoueError } from 'moue';
import { computed, signal } from '@preact/signals';
// Files get names of their content, so that they are cached until they change.
import builtin from '@assets/builtin.moue?url';
import emoji from '@assets/emoji.moue?url';
import expression from '@assets/expression.tflite?url';
import face from '@assets/face.tflite?url';
import module from '@assets/moue_wasm_bg.wasm?url';
import refine from '@assets/refine.tflite?url';

const ASSETS = {
  'builtin.moue': builtin,
  'emoji.moue': emoji,
  'expression.tflite': expression,
  'face.tflite': face,
  'moue_wasm_bg.wasm': module,
  'refine.tflite': refine,
};

export type GalleryName = 'drawings' | 'emoji' | 'mine';

export const moue = signal<Moue | undefined>(undefined);
export const loadFailed = signal(false);
export const chosen = signal<GalleryName>('drawings');
/** Why the person's own pictures cannot be opened. */
export const mineFailed = signal<MoueError | undefined>(undefined);

const galleries = signal<Partial<Record<GalleryName, Gallery>>>({});

/** The gallery that is searched. */
export const gallery = computed(() => galleries.value[chosen.value]);
export const mine = computed(() => galleries.value.mine);

let loading: Promise<void> | undefined;

/** Loads everything once. */
export function load(): Promise<void> {
  loading ??= loadAll().catch((error: unknown) => {
    loading = undefined;
    loadFailed.value = true;
    throw error;
  });
  return loading;
}

async function loadAll(): Promise<void> {
  loadFailed.value = false;
  const loaded = await Moue.create({ assets: absolute(ASSETS) });
  galleries.value = { drawings: loaded.drawings };
  moue.value = loaded;
  const characters = await loaded.emoji();
  galleries.value = { ...galleries.value, emoji: characters };
  await openMine(loaded);
}

function absolute(files: Record<string, string>): Record<string, string> {
  const entries = Object.entries(files);
  return Object.fromEntries(entries.map(([name, url]) => [name, new URL(url, document.baseURI).href]));
}

async function openMine(loaded: Moue): Promise<void> {
  try {
    const own = await loaded.storedGallery();
    galleries.value = { ...galleries.value, mine: own };
  } catch (error) {
    mineFailed.value = error instanceof MoueError ? error : new MoueError('gallery', String(error));
  }
}

/** URLs of pictures that were shown last; each holds its picture in memory. */
const urls = new Map<string, Promise<string | undefined>>();
const MAX_URLS = 200;

/** A URL for an `<img>` of a match. */
export function pictureUrl(from: Gallery, match: Pick<Match, 'id'>): Promise<string | undefined> {
  return cached(`${from.id}/${match.id}`, () => from.picture(match.id));
}

/** A URL for the small picture of a face, of the picture itself where there is none. */
export function thumbnailUrl(from: Gallery, face: number): Promise<string | undefined> {
  return cached(`${from.id}/${face}/small`, async () => (await from.thumbnail(face)) ?? from.picture(face));
}

function cached(key: string, load: () => Promise<Blob | undefined>): Promise<string | undefined> {
  const known = urls.get(key);
  const found = known ?? load().then((blob) => blob && URL.createObjectURL(blob));
  // The newest is the last, and the first is the one to forget.
  urls.delete(key);
  urls.set(key, found);
  for (const [old, url] of urls) {
    if (urls.size <= MAX_URLS) break;
    urls.delete(old);
    void url.then((u) => u && URL.revokeObjectURL(u));
  }
  return found;
}
