// From what pages send to the module's pictures.

import type { Sent } from './pixels-page.js';
import { MoueError } from './types.js';
import { Picture } from './wasm/moue_wasm.js';

/** The picture of what was sent, at most `maxSide` pixels long. */
export async function picture(sent: Sent, maxSide = Infinity): Promise<Picture> {
  if (sent instanceof Blob) return ofFile(sent);
  if ('lent' in sent) return ofPixels({ ...sent, data: new Uint8ClampedArray(sent.lent) });
  try {
    return ofPixels((await copied(sent, maxSide)) ?? pixels(sent, maxSide));
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

type Pixels = Pick<ImageData, 'data' | 'width' | 'height'>;

function ofPixels({ data, width, height }: Pixels): Picture {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return Picture.fromPixels(bytes, width, height);
}

/** Frames up to this many times the wanted size are copied whole: moue shrinks them itself. */
const COPIED_SIZES = 2;

// Calls come one after the other, so that all frames can use it.
let buffer = new Uint8ClampedArray(0);

/** A video frame's pixels without a canvas; `undefined` where that does not go. Chromium keeps the
 * shared memory of hundreds of frames that are drawn in a worker, half a gigabyte. */
async function copied(frame: ImageBitmap | VideoFrame, maxSide: number): Promise<Pixels | undefined> {
  if (!('copyTo' in frame) || !isUpright(frame)) return undefined;
  const { displayWidth: width, displayHeight: height } = frame;
  if (Math.max(width, height) > COPIED_SIZES * maxSide) return undefined;
  // Older browsers know no formats and would copy the planes of the frame's own.
  const layout: VideoFrameCopyToOptions = { format: 'RGBA', colorSpace: 'srgb' };
  const length = 4 * width * height;
  try {
    if (frame.allocationSize(layout) !== length) return undefined;
    if (buffer.length !== length) buffer = new Uint8ClampedArray(length);
    await frame.copyTo(buffer, layout);
    return { data: buffer, width, height };
  } catch {
    return undefined;
  }
}

/** Whether the stored pixels are those that are shown: neither turned nor of another shape. */
function isUpright(frame: VideoFrame): boolean {
  const { rotation = 0, flip = false } = frame as VideoFrame & { rotation?: number; flip?: boolean };
  const stored = frame.visibleRect;
  const isWhole = stored?.width === frame.displayWidth && stored.height === frame.displayHeight;
  return rotation === 0 && !flip && isWhole;
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
