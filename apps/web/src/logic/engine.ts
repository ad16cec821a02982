// The library in its worker, and the galleries that can be searched.

import { Gallery, type Match, Moue, MoueError } from 'moue';
import { computed, signal } from '@preact/signals';
import { type GallerySource, LocalSource } from './source';
import { PictureUrls } from './urls';
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

/** `library` is the gallery of the server that has sent the page. */
export type GalleryName = 'library' | 'drawings' | 'emoji' | 'mine';

export const moue = signal<Moue | undefined>(undefined);
export const loadFailed = signal(false);
export const chosen = signal<GalleryName>('drawings');
/** Why the person's own pictures cannot be opened. */
export const mineFailed = signal<MoueError | undefined>(undefined);

/** The galleries that can be searched now. */
export const sources = signal<Partial<Record<GalleryName, GallerySource>>>({});

/** The name of the one that is searched: the drawings in the place of one that cannot be. */
export const current = computed(() => (chosen.value in sources.value ? chosen.value : 'drawings'));

/** The gallery that is searched. */
export const gallery = computed(() => sources.value[current.value]);

/** The person's own pictures. */
export const mine = signal<Gallery | undefined>(undefined);

/** Makes a gallery one that can be searched, or with `undefined` one that cannot. */
export function setSource(name: GalleryName, source: GallerySource | undefined): void {
  const { [name]: _, ...others } = sources.value;
  sources.value = source ? { ...others, [name]: source } : others;
}

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
  setSource('drawings', new LocalSource(loaded, loaded.drawings));
  moue.value = loaded;
  setSource('emoji', new LocalSource(loaded, await loaded.emoji()));
  await openMine(loaded);
}

function absolute(files: Record<string, string>): Record<string, string> {
  const entries = Object.entries(files);
  return Object.fromEntries(entries.map(([name, url]) => [name, new URL(url, document.baseURI).href]));
}

async function openMine(loaded: Moue): Promise<void> {
  try {
    mine.value = await loaded.storedGallery();
    setSource('mine', new LocalSource(loaded, mine.value));
  } catch (error) {
    mineFailed.value = error instanceof MoueError ? error : new MoueError('gallery', String(error));
  }
}

const urls = new PictureUrls(200);

/** A URL for an `<img>` of a match. */
export function pictureUrl(
  from: Pick<GallerySource, 'id' | 'picture'>,
  match: Pick<Match, 'id'>,
): Promise<string | undefined> {
  return urls.of(`${from.id}/${match.id}`, () => from.picture(match.id));
}

/** A URL for an `<img>` of a match on a card. */
export function previewUrl(from: GallerySource, match: Pick<Match, 'id'>): Promise<string | undefined> {
  return urls.of(`${from.id}/${match.id}/card`, () => from.preview(match.id));
}

/** A URL for the small picture of a face, of the picture itself where there is none. */
export function thumbnailUrl(from: Gallery, face: number): Promise<string | undefined> {
  return urls.of(`${from.id}/${face}/small`, async () => (await from.thumbnail(face)) ?? from.picture(face));
}
