// One photo, animation or video that was picked, and the faces in it.

import { type FoundFace, MoueError } from 'moue';
import { effect, signal, untracked } from '@preact/signals';
import { type Animation, animation } from './animation';
import { gallery, load } from './engine';

export interface Still {
  file: File;
  url: string;
  isVideo: boolean;
  /** The frames of a picture that moves. */
  frames?: Animation;
}

/** What is searched: a file, or what shows one moment of it. */
type Moment = File | HTMLVideoElement | HTMLCanvasElement;

export const still = signal<Still | undefined>(undefined);
export const stillFaces = signal<FoundFace[] | undefined>(undefined);
export const stillFace = signal(0);
export const stillFault = signal<'pictureFailed' | undefined>(undefined);

let offered: File | undefined;
let moment: Moment | undefined;

/** Shows a file and searches for its faces. */
export async function offer(file: File): Promise<void> {
  offered = file;
  const isVideo = file.type.startsWith('video/');
  const frames = isVideo ? undefined : await animation(file);
  // Another file was offered while this one was opened.
  if (offered !== file) return frames?.close();
  if (still.value) forget(still.value);
  stillFaces.value = undefined;
  stillFault.value = undefined;
  stillFace.value = 0;
  moment = undefined;
  still.value = { file, url: URL.createObjectURL(file), isVideo, ...(frames ? { frames } : {}) };
  await load();
  // What moves is searched when a moment of it is shown.
  if (!isVideo && !frames) await search(file);
}

function forget(old: Still): void {
  URL.revokeObjectURL(old.url);
  old.frames?.close();
}

let searching = false;
let waiting: Moment | undefined;

/** Searches for the faces of a moment. Of those that come during a search only the last counts: a
 * person who scrubs passes many. */
export async function search(next: Moment): Promise<void> {
  moment = next;
  waiting = next;
  if (searching) return;
  searching = true;
  while (waiting) {
    const now = waiting;
    waiting = undefined;
    await searchOne(now);
  }
  searching = false;
}

async function searchOne(input: Moment): Promise<void> {
  const from = gallery.value;
  const shown = still.value;
  if (!from) return;
  try {
    const faces = await from.find(input);
    // A newer picture or gallery may have been chosen meanwhile.
    if (still.value !== shown || gallery.value !== from) return;
    stillFaces.value = byArea(faces);
    stillFace.value = Math.min(stillFace.value, Math.max(0, faces.length - 1));
  } catch (error) {
    if (still.value !== shown) return;
    stillFaces.value = [];
    if (error instanceof MoueError && error.code === 'decode') stillFault.value = 'pictureFailed';
  }
}

/** The largest face first: the person in front is meant. */
function byArea(faces: FoundFace[]): FoundFace[] {
  const area = ({ box }: FoundFace): number => box.width * box.height;
  return [...faces].sort((a, b) => area(b) - area(a));
}

// Another gallery, or one that is loaded only now, answers the same moment anew.
effect(() => {
  const last = moment;
  if (gallery.value && last) untracked(() => void search(last));
});
