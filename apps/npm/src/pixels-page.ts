// What pages have, as something that a worker can be sent.

import type { PictureInput } from './types.js';

/** Pixels in a buffer that goes to the worker and comes back with its answer. */
export interface LentPixels {
  lent: ArrayBuffer;
  width: number;
  height: number;
}

/** What a page sends to the worker. */
export type Sent = Blob | LentPixels | ImageBitmap | VideoFrame;

/** What can be sent, and what is handed over with it. */
export async function sendable(input: PictureInput): Promise<[Sent, Transferable[]]> {
  if (input instanceof Blob) return [input, []];
  if (typeof ImageBitmap !== 'undefined' && input instanceof ImageBitmap) return [input, [input]];
  if (typeof VideoFrame !== 'undefined' && input instanceof VideoFrame) return [input, [input]];
  if (input instanceof ImageData) {
    const pixels = lend(input);
    return [pixels, [pixels.lent]];
  }
  const taken = frameOf(input) ?? (await createImageBitmap(input as HTMLVideoElement));
  return [taken, [taken]];
}

/** A video's frame as it is, which the worker reads without a canvas. */
function frameOf(input: PictureInput): VideoFrame | undefined {
  if (typeof VideoFrame === 'undefined' || !(input instanceof HTMLVideoElement)) return undefined;
  try {
    return new VideoFrame(input);
  } catch {
    // A video without a frame yet, or of another origin: a bitmap of it says why.
    return undefined;
  }
}

/** A larger buffer is garbage after its call: it is a photo's, and photos are of many sizes. */
const MAX_KEPT_BYTES = 8 << 20;

// The caller's pixels cannot be handed over, as they stay the caller's. Cloning them costs new memory
// for each frame, twice, which takes several times as long as this copy.
let spare: ArrayBuffer | undefined;

function lend({ data, width, height }: ImageData): LentPixels {
  const lent = spare?.byteLength === data.byteLength ? spare : new ArrayBuffer(data.byteLength);
  spare = undefined;
  new Uint8ClampedArray(lent).set(data);
  return { lent, width, height };
}

/** Keeps a buffer that has come back for the next frame. */
export function keepBuffer(buffer: ArrayBuffer): void {
  if (buffer.byteLength <= MAX_KEPT_BYTES) spare = buffer;
}
