// One photo, animation or video that was picked, and the faces in it.

import { type FoundFace, MoueError } from 'moue';
import { effect, signal } from '@preact/signals';
import { gallery, load, moue } from './engine';

export interface Still {
  file: File;
  url: string;
  isVideo: boolean;
}

export const still = signal<Still | undefined>(undefined);
export const stillFaces = signal<FoundFace[] | undefined>(undefined);
export const stillFace = signal(0);
export const stillFault = signal<'pictureFailed' | undefined>(undefined);

/** Shows a file and searches for its faces. */
export async function offer(file: File): Promise<void> {
  if (still.value) URL.revokeObjectURL(still.value.url);
  const isVideo = file.type.startsWith('video/');
  stillFaces.value = undefined;
  stillFault.value = undefined;
  stillFace.value = 0;
  still.value = { file, url: URL.createObjectURL(file), isVideo };
  await load();
  if (!isVideo) await search(file);
}

/** Searches for the faces of a picture, or of the frame that a video shows. */
export async function search(input: File | HTMLVideoElement): Promise<void> {
  const from = gallery.value;
  const shown = still.value;
  if (!moue.value || !from) return;
  try {
    const faces = await moue.value.find(input, { gallery: from, faces: 'all' });
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

// Another gallery answers the same picture anew.
effect(() => {
  if (gallery.value && still.peek() && !still.peek()?.isVideo) void search(still.peek()!.file);
});
