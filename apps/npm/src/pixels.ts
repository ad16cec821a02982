// From what pages send to the module's pictures.

import type { Sent } from './pixels-page.js';
import { MoueError } from './types.js';
import { Picture } from './wasm/moue_wasm.js';

/** The picture of what was sent, at most `maxSide` pixels long. */
export async function picture(sent: Sent, maxSide = Infinity): Promise<Picture> {
  if (sent instanceof Blob) return ofFile(sent);
  if (sent instanceof ImageData) return ofPixels(sent);
  try {
    return ofPixels(pixels(sent, maxSide));
  } finally {
    sent.close();
  }
}

/** moue's own decoders first, so that the numbers are those of its other programs. */
async function ofFile(file: Blob): Promise<Picture> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  try {
    return Picture.decode(bytes);
  } catch (error) {
    const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => {
      throw error;
    });
    return picture(bitmap);
  }
}

function ofPixels({ data, width, height }: ImageData): Picture {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return Picture.fromPixels(bytes, width, height);
}

// One canvas for all frames: a new one for each would be garbage of megabytes a second.
let canvas: OffscreenCanvas | undefined;

function pixels(source: ImageBitmap | VideoFrame, maxSide: number): ImageData {
  const [fullWidth, fullHeight] =
    'displayWidth' in source
      ? [source.displayWidth, source.displayHeight]
      : [source.width, source.height];
  const scale = Math.min(1, maxSide / Math.max(fullWidth, fullHeight));
  const width = Math.max(1, Math.round(fullWidth * scale));
  const height = Math.max(1, Math.round(fullHeight * scale));
  canvas ??= new OffscreenCanvas(width, height);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext('2d', { willReadFrequently: true, alpha: true });
  if (!context) throw new MoueError('decode', 'the browser gives no canvas');
  context.clearRect(0, 0, width, height);
  context.drawImage(source, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}
