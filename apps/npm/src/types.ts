/** A rectangle relative to the upright picture: 0 is its left or top edge, 1 the right or bottom one. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A face of a picture. */
export interface Face {
  box: Box;
  /** How certain the detector is, 0 to 1. */
  score: number;
  /** Right eye, left eye, nose tip, mouth, right ear, left ear, of the subject: x and y as for {@link Box}. */
  keyPoints?: [number, number][];
}

/** The eight words that the voters of FER+ chose from. */
export type Emotion =
  | 'neutral'
  | 'happiness'
  | 'surprise'
  | 'sadness'
  | 'anger'
  | 'disgust'
  | 'fear'
  | 'contempt';

/** A face with its expression. */
export interface EmbeddedFace extends Face {
  /** 64 numbers of length 1; absent where {@link error} says why. */
  expression?: number[];
  /** The shares of people who would choose each word for this picture; their sum is 1. */
  emotions?: Record<Emotion, number>;
  /** Why the face has no expression, for example that it is too small. */
  error?: string;
}

/** A picture that makes the same face. */
export interface Match {
  /** The id of the face in its gallery. */
  id: number;
  label: string;
  /** Where the picture came from; built-in ones are `builtin:NAME` and `emoji:CHARACTER`. */
  path: string;
  /** The character of an entry of the emoji gallery. */
  emoji?: string;
  caption?: string;
  /** Euclidean distance of the expressions, 0 to 2. */
  distance: number;
  /** 0 to 1, 1 for the same expression: max(0, 1 - distance² / 2), the cosine. */
  similarity: number;
  /** What matches are ordered by, smaller first. */
  score: number;
  /** Seconds from the start of an animation or video. */
  time?: number;
}

/** A face with the pictures that make the same one, best first. */
export interface FoundFace extends EmbeddedFace {
  matches: Match[];
}

/** A picture of a gallery. */
export interface Picture {
  id: number;
  /** SHA-256 of its file, in hexadecimal. */
  hash: string;
  path: string;
  label: string;
  caption?: string;
  tags: string[];
  source: string;
  /** When it was added, in seconds since 1970. */
  added: number;
  faces: { id: number; box: Box }[];
}

/** How faces are found. */
export interface DetectOptions {
  /** `thorough` for stills, the default; `live` for cameras, at a fraction of the time. */
  effort?: 'live' | 'thorough';
  /** Which faces; the largest unless set. `detect` always returns all. */
  faces?: 'largest' | 'all';
  /** The picture is a face crop already. */
  cropped?: boolean;
}

/** Which pictures an answer has. */
export interface SearchOptions {
  /** How many pictures at most; 3 unless set. */
  limit?: number;
  /** The plain list of the nearest instead of pictures that differ. */
  pure?: boolean;
  /** Pictures at a larger distance are left out. */
  maxDistance?: number;
  /** Any two pictures are at least this far apart. */
  minSeparation?: number;
  /** The picture has all of these tags. */
  tags?: string[];
  /** Label or caption contain this. */
  text?: string;
  source?: string;
  /** Conditions such as `happiness` or `surprise>0.5`; all must hold. */
  emotions?: string[];
  /** Pictures that are nearer to one of these expressions are left out. */
  negatives?: number[][];
  /** Faces, by id, that are taken before equal ones. */
  preferred?: number[];
}

/** What a picture is called and described by. */
export interface PictureInfo {
  label?: string;
  path?: string;
  caption?: string;
  tags?: string[];
  source?: string;
}

/** What changes in a picture's description; an empty caption removes it. */
export interface PictureChange {
  label?: string;
  caption?: string;
  tags?: string[];
}

/** What became of a picture that was to be added. */
export type Added =
  | { status: 'added'; faces: number }
  | { status: 'duplicate' }
  | { status: 'no-face' };

/** Anything with pixels. Bitmaps and video frames are consumed; pass a clone to keep them. */
export type PictureInput =
  | Blob
  | ImageData
  | ImageBitmap
  | VideoFrame
  | HTMLVideoElement
  | HTMLImageElement
  | HTMLCanvasElement
  | OffscreenCanvas;

/** What a {@link MoueError} is about. */
export type MoueErrorCode =
  /** The file is damaged, or no picture that moue or the browser can decode. */
  | 'decode'
  /** The gallery is damaged, cannot be read or written, or is no gallery. */
  | 'gallery'
  /** The gallery was made with other weights, and its pictures must be added again; or the expression
   * network is not the package's own. */
  | 'other-weights'
  /** The gallery was made by a newer moue. */
  | 'newer-format'
  /** An option has an unknown name or a wrong value. */
  | 'options'
  /** A model file is damaged or another network. */
  | 'network'
  /** Another tab has the gallery open. */
  | 'busy'
  /** The browser's storage is full. */
  | 'full'
  /** A file of the package could not be loaded. */
  | 'load'
  /** The module stopped; a new `Moue` works again. */
  | 'crashed'
  /** `close` was called. */
  | 'closed';

/** Why a call failed. */
export class MoueError extends Error {
  readonly code: MoueErrorCode;

  constructor(code: MoueErrorCode, message: string) {
    super(message);
    this.name = 'MoueError';
    this.code = code;
  }
}
