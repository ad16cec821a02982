// The worker: the module, the networks and the galleries. Pages talk to it through `Moue`.

import { picture } from './pixels.js';
import type { Sent } from './pixels-page.js';
import { serve } from './rpc.js';
import { displayCopy } from './copy.js';
import { Stored } from './stored.js';
import { type Added, MoueError, type Picture as PictureOf } from './types.js';
import init, { drawing, Engine, fingerprint, Gallery, Picture, Tracker } from './wasm/moue_wasm.js';

/** Longer sides of camera frames are shrunk to this: the networks look at 256 pixels. */
const LIVE_SIDE = 640;

let engine: Engine | undefined;
let tracker: Tracker | undefined;
let files: (name: string) => Promise<Uint8Array>;
const galleries = new Map<number, { gallery: Gallery; stored?: Stored }>();
let nextGallery = 0;

async function load(url: string): Promise<Uint8Array> {
  const answer = await fetch(url).catch(() => undefined);
  if (!answer?.ok) throw new MoueError('load', `${url} could not be loaded`);
  return new Uint8Array(await answer.arrayBuffer());
}

async function start(urls: Record<string, string>): Promise<void> {
  files = (name) => load(urls[name] ?? name);
  const names = ['face.tflite', 'refine.tflite', 'expression.tflite'] as const;
  const models = Promise.all(names.map(files));
  const module = fetch(urls['moue_wasm_bg.wasm'] ?? '').then((answer) => {
    if (!answer.ok) throw new MoueError('load', 'moue_wasm_bg.wasm could not be loaded');
    return answer;
  });
  await init({ module_or_path: module });
  const [face, refine, expression] = await models;
  engine = new Engine(face!, refine!, expression!);
  tracker = new Tracker(engine);
}

function networks(): Engine {
  if (!engine) throw new MoueError('load', 'moue is not loaded');
  return engine;
}

function known(id: number): { gallery: Gallery; stored?: Stored } {
  const found = galleries.get(id);
  if (!found) throw new MoueError('gallery', 'the gallery is closed');
  return found;
}

function keep(gallery: Gallery, stored?: Stored): number {
  const id = nextGallery++;
  galleries.set(id, stored ? { gallery, stored } : { gallery });
  return id;
}

async function withPicture<T>(
  sent: Sent,
  maxSide: number | undefined,
  use: (picture: Picture) => T,
): Promise<T> {
  const decoded = await picture(sent, maxSide);
  try {
    return use(decoded);
  } finally {
    decoded.free();
  }
}

async function add(id: number, file: Blob, info: object): Promise<Added> {
  const { gallery, stored } = known(id);
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (gallery.contains(bytes)) return { status: 'duplicate' };
  const added = Math.floor(Date.now() / 1000);
  const faces = await withPicture(file, undefined, (p) =>
    networks().add(gallery, bytes, p, { ...info, added }),
  );
  if (faces < 0) return { status: 'duplicate' };
  if (faces === 0) return { status: 'no-face' };
  if (stored) {
    await stored.keep(await sha256(bytes), await displayCopy(file));
    await stored.changed();
  }
  return { status: 'added', faces };
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(hash), (b) => b.toString(16).padStart(2, '0')).join('');
}

async function pictureFile(id: number, face: number): Promise<Blob | undefined> {
  const { gallery, stored } = known(id);
  const found = gallery.pictureOf(face) as PictureOf | undefined;
  if (!found) return undefined;
  const svg = drawing(found.path);
  if (svg) return new Blob([svg], { type: 'image/svg+xml' });
  const copy = await stored?.copy(found.hash);
  if (copy) return copy;
  const small = gallery.thumbnail(face) as Uint8Array<ArrayBuffer> | undefined;
  return small && new Blob([small], { type: 'image/jpeg' });
}

async function remove(id: number, pictures: number[]): Promise<number> {
  const { gallery, stored } = known(id);
  const gone = (gallery.pictures() as PictureOf[]).filter((p) => pictures.includes(p.id));
  const count = gallery.remove(new Float64Array(pictures));
  await stored?.forget(gone);
  await stored?.changed();
  return count;
}

serve({
  start,
  detect: (sent: Sent, options: object) =>
    withPicture(sent, undefined, (p) => networks().detect(p, { ...options, faces: 'all' })),
  embed: (sent: Sent, options: object) =>
    withPicture(sent, undefined, (p) => networks().embed(p, options)),
  find: (sent: Sent, id: number, detect: object, search: object) =>
    withPicture(sent, undefined, (p) => networks().find(p, known(id).gallery, detect, search)),
  track: (sent: Sent, time: number, id: number, search: object) =>
    withPicture(sent, LIVE_SIDE, (p) => tracker?.track(p, time, known(id).gallery, search)),
  resetTracking: () => tracker?.reset(),
  fingerprint: () => fingerprint(),
  builtin: async (name: string) => keep(Gallery.open(await files(`${name}.moue`), name)),
  open: async (file: Blob, name: string) =>
    keep(Gallery.inMemory(new Uint8Array(await file.arrayBuffer()), name)),
  create: (name: string) => keep(Gallery.inMemory(undefined, name)),
  stored: async (name: string) => {
    const stored = await Stored.open(name);
    return keep(stored.gallery, stored);
  },
  close: (id: number) => {
    galleries.get(id)?.gallery.free();
    galleries.delete(id);
  },
  count: (id: number) => known(id).gallery.pictureCount(),
  pictures: (id: number) => known(id).gallery.pictures(),
  picture: pictureFile,
  thumbnail: (id: number, face: number) => {
    const small = known(id).gallery.thumbnail(face) as Uint8Array<ArrayBuffer> | undefined;
    return small && new Blob([small], { type: 'image/jpeg' });
  },
  search: (id: number, expression: number[], options: object) =>
    known(id).gallery.search(new Float32Array(expression), options),
  add,
  remove,
  update: async (id: number, pictures: number[], change: object) => {
    const { gallery, stored } = known(id);
    const count = gallery.update(new Float64Array(pictures), change);
    await stored?.changed();
    return count;
  },
  merge: async (id: number, other: number) => {
    const { gallery, stored } = known(id);
    const count = gallery.merge(known(other).gallery);
    await stored?.changed();
    return count;
  },
  bytes: (id: number) => new Blob([known(id).gallery.bytes() as Uint8Array<ArrayBuffer>]),
});
