// What pages have, as something that a worker can be sent.

import type { PictureInput } from './types.js';

/** What a page sends to the worker. */
export type Sent = Blob | ImageData | ImageBitmap | VideoFrame;

/** What can be sent, and what is handed over with it. */
export async function sendable(input: PictureInput): Promise<[Sent, Transferable[]]> {
  if (input instanceof Blob) return [input, []];
  if (typeof ImageBitmap !== 'undefined' && input instanceof ImageBitmap) return [input, [input]];
  if (typeof VideoFrame !== 'undefined' && input instanceof VideoFrame) return [input, [input]];
  if (input instanceof ImageData) return [input, []];
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
