/**
 * Finds the pictures that make the same face, in the browser. The networks run in a worker; nothing
 * is sent anywhere.
 *
 * ```ts
 * const moue = await Moue.create();
 * const [face] = await moue.find(photo);
 * console.log(face?.matches.map((m) => m.label));
 * ```
 */

import { keepBuffer, sendable } from './pixels-page.js';
import { Caller } from './rpc.js';
import {
  type Added,
  type DetectOptions,
  type EmbeddedFace,
  type Face,
  type FoundFace,
  type Match,
  MoueError,
  type Picture,
  type PictureChange,
  type PictureInfo,
  type PictureInput,
  type SearchOptions,
} from './types.js';

export * from './types.js';

/** Where the package's files are. */
export interface MoueOptions {
  /**
   * Where `moue_wasm_bg.wasm`, the `.tflite` and the `.moue` files are: a folder, or a URL for each
   * name, as bundlers make them. `assets/` of the package unless set.
   */
  assets?: string | URL | Record<string, string>;
  /** A worker that runs the package's `worker.js`, for bundlers that build workers their own way. */
  worker?: Worker;
}

/** A gallery to search in; the built-in drawings unless set. */
export interface GalleryChoice {
  gallery?: Gallery;
}

/** The networks in their worker. */
export class Moue {
  private constructor(
    private readonly caller: Caller,
    /** The built-in drawings. */
    readonly drawings: Gallery,
  ) {}

  /** Loads module, networks and the built-in gallery. */
  static async create(options: MoueOptions = {}): Promise<Moue> {
    const worker =
      options.worker ?? new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
    const caller = new Caller(worker, keepBuffer);
    try {
      await caller.call('start', [urls(options.assets)]);
      return new Moue(caller, await Gallery.of(caller, 'builtin', ['builtin']));
    } catch (error) {
      caller.end(error instanceof MoueError ? error : new MoueError('load', String(error)));
      throw error;
    }
  }

  /** All faces of a picture, the most certain first. */
  async detect(input: PictureInput, options: Omit<DetectOptions, 'faces'> = {}): Promise<Face[]> {
    const [sent, transfer] = await sendable(input);
    return this.caller.call('detect', [sent, options], transfer);
  }

  /** The faces of a picture with their expressions. */
  async embed(input: PictureInput, options: DetectOptions = {}): Promise<EmbeddedFace[]> {
    const [sent, transfer] = await sendable(input);
    return this.caller.call('embed', [sent, options], transfer);
  }

  /** The faces of a picture, each with the pictures that make the same face. */
  async find(
    input: PictureInput,
    options: DetectOptions & { search?: SearchOptions } & GalleryChoice = {},
  ): Promise<FoundFace[]> {
    const { gallery = this.drawings, search = {}, ...detect } = options;
    const [sent, transfer] = await sendable(input);
    return this.caller.call('find', [sent, gallery.id, detect, search], transfer);
  }

  /**
   * The faces of a camera's or video's next frame, from left to right, with matches that change
   * only when another is clearly better. `time` is in milliseconds and must grow.
   */
  async track(
    frame: PictureInput,
    time: number,
    options: SearchOptions & GalleryChoice = {},
  ): Promise<FoundFace[]> {
    const { gallery = this.drawings, ...search } = options;
    const [sent, transfer] = await sendable(frame);
    return this.caller.call('track', [sent, time, gallery.id, search], transfer);
  }

  /** Forgets the faces that {@link track} follows, as after a cut. */
  resetTracking(): Promise<void> {
    return this.caller.call('resetTracking', []);
  }

  /** Names the expression network: expressions of another one cannot be compared with these. */
  fingerprint(): Promise<string> {
    return this.caller.call('fingerprint', []);
  }

  /** The face emoji of Unicode. */
  emoji(): Promise<Gallery> {
    return Gallery.of(this.caller, 'builtin', ['emoji']);
  }

  /** An empty gallery in memory. */
  newGallery(name = 'gallery'): Promise<Gallery> {
    return Gallery.of(this.caller, 'create', [name]);
  }

  /** A copy, in memory, of a `.moue` file. */
  openGallery(file: Blob, name = 'gallery'): Promise<Gallery> {
    return Gallery.of(this.caller, 'open', [file, name]);
  }

  /** The gallery of that name in the browser's private storage, made if there is none. */
  storedGallery(name = 'mine'): Promise<Gallery> {
    return Gallery.of(this.caller, 'stored', [name]);
  }

  /** Ends the worker. */
  close(): void {
    this.caller.end(new MoueError('closed', 'moue was closed'));
  }
}

/** Pictures that can be searched; all calls run in the worker. */
export class Gallery {
  private constructor(
    private readonly caller: Caller,
    /** Its number in the worker. */
    readonly id: number,
  ) {}

  /** @internal */
  static async of(caller: Caller, method: string, args: unknown[]): Promise<Gallery> {
    return new Gallery(caller, await caller.call(method, args));
  }

  /** Number of pictures. */
  count(): Promise<number> {
    return this.caller.call('count', [this.id]);
  }

  /** All pictures, by id. */
  pictures(): Promise<Picture[]> {
    return this.caller.call('pictures', [this.id]);
  }

  /** The picture of a match as a file that can be shown: a drawing as SVG, a person's own as it was
   * added or a smaller copy, else its thumbnail. */
  picture(face: number | Match): Promise<Blob | undefined> {
    return this.caller.call('picture', [this.id, typeof face === 'number' ? face : face.id]);
  }

  /** The small picture of a face, if there is one; drawings have none. */
  thumbnail(face: number): Promise<Blob | undefined> {
    return this.caller.call('thumbnail', [this.id, face]);
  }

  /** The pictures whose expressions are nearest to one. */
  search(expression: number[], options: SearchOptions = {}): Promise<Match[]> {
    return this.caller.call('search', [this.id, expression, options]);
  }

  /** Adds a picture with all its faces. */
  add(file: Blob, info: PictureInfo = {}): Promise<Added> {
    return this.caller.call('add', [this.id, file, named(file, info)]);
  }

  /** Removes pictures by their ids; returns how many. */
  remove(pictures: number[]): Promise<number> {
    return this.caller.call('remove', [this.id, pictures]);
  }

  /** Changes what pictures are called and described by; returns how many. */
  update(pictures: number[], change: PictureChange): Promise<number> {
    return this.caller.call('update', [this.id, pictures, change]);
  }

  /** Adds all pictures of another gallery that are not here yet; returns how many. */
  merge(other: Gallery): Promise<number> {
    return this.caller.call('merge', [this.id, other.id]);
  }

  /** The gallery as a `.moue` file, for this and every other program of moue. */
  save(): Promise<Blob> {
    return this.caller.call('bytes', [this.id]);
  }

  /** Frees its memory and its file. */
  close(): Promise<void> {
    return this.caller.call('close', [this.id]);
  }
}

/** The files of the package and where each is. */
function urls(assets: MoueOptions['assets']): Record<string, string> {
  if (typeof assets === 'object' && !(assets instanceof URL)) return assets;
  const folder = new URL(assets ?? new URL(/* @vite-ignore */ '../assets/', import.meta.url), location.href);
  return Object.fromEntries(FILES.map((name) => [name, new URL(name, folder).href]));
}

const FILES = [
  'moue_wasm_bg.wasm',
  'face.tflite',
  'refine.tflite',
  'expression.tflite',
  'builtin.moue',
  'emoji.moue',
];

/** A file's own name where the caller has no better one. */
function named(file: Blob, info: PictureInfo): PictureInfo {
  const name = file instanceof File ? file.webkitRelativePath || file.name : '';
  const label = name.replace(/^.*\//, '').replace(/\.[^.]*$/, '');
  return { path: name, label, source: 'browser', ...info };
}
