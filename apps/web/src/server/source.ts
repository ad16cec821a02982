// The server's gallery as one that is searched. Faces are found and embedded in this page; the server
// gets the 64 numbers of each expression and nothing else.

import type { EmbeddedFace, FoundFace, Match, Moue, PictureInput } from 'moue';
import type { GallerySource } from '../logic/source';
import { askJson, blobOf } from './client';
import type { ServedMatch } from './types';

/** Matches of a face. */
const LIMIT = 3;

/** A face of a camera is searched for again when its expression has moved by this distance: less is
 * noise of the camera, and a smile moves it by 0.5 and more. */
const MOVED = 0.05;

/** Between two searches of a camera's face. With four faces it stays below the 20 requests a second
 * that a server takes of a key. */
const EVERY_MS = 250;

/** Another picture takes the first place if its score is better by this, or by less if it is so for
 * two answers: as the cameras of moue's other programs do it. */
const MARGIN = 0.08;
const LEAST_GAIN = 0.01;

/** A face that is gone for this long is forgotten. */
const KEEP_MS = 700;

/** Faces of a still that are searched for at once. */
const AT_ONCE = 4;

export async function search(expression: number[], more: object = {}): Promise<ServedMatch[]> {
  const json = { expressions: [expression], limit: LIMIT, ...more };
  return (await askJson<{ matches: ServedMatch[] }>('v1/search', { json })).matches;
}

export class ServerSource implements GallerySource {
  readonly id = 'server';
  private shown: Shown[] = [];

  constructor(private readonly moue: Moue) {}

  async find(input: PictureInput): Promise<FoundFace[]> {
    const faces = await this.moue.embed(input, { faces: 'all' });
    const found: FoundFace[] = [];
    for (let first = 0; first < faces.length; first += AT_ONCE) {
      const some = faces.slice(first, first + AT_ONCE);
      found.push(...(await Promise.all(some.map((face) => this.matched(face)))));
    }
    return found;
  }

  private async matched(face: EmbeddedFace): Promise<FoundFace> {
    return { ...face, matches: face.expression ? await search(face.expression) : [] };
  }

  /** Does not wait for the server: a frame shows what was answered last. */
  async track(frame: HTMLVideoElement, time: number): Promise<FoundFace[]> {
    const faces = await this.moue.track(frame, time, { limit: 1 });
    while (this.shown.length < Math.max(faces.length, 1)) this.shown.push(new Shown());
    // The first one stays when the face is gone for a moment, and keeps the picture through the gap.
    this.shown.length = Math.max(faces.length, 1);
    if (faces.length === 0) this.shown[0]?.rest(time);
    return faces.map((face, i) => ({ ...face, matches: this.shown[i]!.follow(face.expression, time) }));
  }

  async picture(face: number): Promise<Blob | undefined> {
    const file = await blobOf(`v1/pictures/${face}/content`).catch(() => undefined);
    return file && isShown(file.type) ? file : this.preview(face);
  }

  preview(face: number): Promise<Blob | undefined> {
    return blobOf(`v1/pictures/${face}/thumbnail?of=picture`);
  }
}

/** Whether browsers show files of this type as a picture. */
export function isShown(type: string): boolean {
  return /^image\/(jpeg|png|gif|webp|avif|bmp)$/.test(type);
}

/** The matches of one face of a camera. */
class Shown {
  private matches: Match[] = [];
  private asked: number[] | undefined;
  private askedAt = -Infinity;
  private seenAt = -Infinity;
  private isAsking = false;
  /** A picture that was better in the last answer, but not by much. */
  private challenger: number | undefined;

  follow(expression: number[] | undefined, time: number): Match[] {
    if (!expression) return this.matches;
    this.seenAt = time;
    const isNew = !this.asked || this.challenger !== undefined || distance(this.asked, expression) > MOVED;
    if (isNew && !this.isAsking && time - this.askedAt >= EVERY_MS) void this.ask(expression, time);
    return this.matches;
  }

  rest(time: number): void {
    if (time - this.seenAt <= KEEP_MS) return;
    this.matches = [];
    this.asked = undefined;
  }

  private async ask(expression: number[], time: number): Promise<void> {
    this.isAsking = true;
    this.askedAt = time;
    try {
      const answer = await search(expression);
      this.asked = expression;
      this.take(answer);
    } catch {
      // What is wrong with the server is told elsewhere; the next frame asks again.
    } finally {
      this.isAsking = false;
    }
  }

  private take(answer: Match[]): void {
    const best = answer[0];
    const shown = answer.find((match) => match.id === this.matches[0]?.id);
    const gain = best && shown ? shown.score - best.score : Infinity;
    const isSame = best?.id === shown?.id;
    const isWon = gain >= MARGIN || (gain >= LEAST_GAIN && best?.id === this.challenger);
    if (isSame || isWon) {
      this.matches = answer;
      this.challenger = undefined;
    } else {
      this.challenger = gain >= LEAST_GAIN ? best?.id : undefined;
    }
  }
}

function distance(a: number[], b: number[]): number {
  return Math.hypot(...a.map((value, i) => value - b[i]!));
}
