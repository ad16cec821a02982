// Animated pictures, frame by frame, where the browser can take them apart.

/** An animated picture. */
export interface Animation {
  /** Number of frames, at least 2. */
  readonly count: number;
  /** One frame, from 0; the caller closes it. */
  frame(index: number): Promise<VideoFrame>;
  close(): void;
}

/** Formats that have animations. */
const ANIMATED = ['image/gif', 'image/webp', 'image/png', 'image/avif'];

/** Whether this browser shows an animation's frames one by one: WebKit does not. */
export const hasFrames = 'ImageDecoder' in globalThis;

/** The frames of a file; `undefined` for a picture that does not move, or that cannot be taken apart here. */
export async function animation(file: File): Promise<Animation | undefined> {
  if (!hasFrames || !ANIMATED.includes(file.type)) return undefined;
  let decoder: ImageDecoder | undefined;
  try {
    decoder = new ImageDecoder({ type: file.type, data: await file.arrayBuffer() });
    // The tracks come later than the data, and their count of frames with the last of it.
    await decoder.tracks.ready;
    await decoder.completed;
    const count = decoder.tracks.selectedTrack?.frameCount ?? 1;
    if (count > 1) return framesOf(decoder, count);
  } catch {
    // moue's own decoder may read it still, and else says why not.
  }
  decoder?.close();
  return undefined;
}

function framesOf(decoder: ImageDecoder, count: number): Animation {
  return {
    count,
    frame: async (frameIndex) => (await decoder.decode({ frameIndex })).image,
    close: () => decoder.close(),
  };
}
