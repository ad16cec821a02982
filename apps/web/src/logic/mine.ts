// A person's own pictures: adding, with progress and a stop, and what is listed.

import { type Added, MoueError, type Picture } from 'moue';
import { signal } from '@preact/signals';
import { Adding } from './adding';
import { mine } from './engine';

export interface Outcome {
  added: number;
  duplicates: number;
  withoutFace: number;
  failed: number;
  full: boolean;
}

export const pictures = signal<Picture[]>([]);
export const hasPictures = signal(false);
export const adding = new Adding();
export const outcome = signal<Outcome | undefined>(undefined);

/** Asks whether there are pictures: a list of ten thousand takes some tenths of a second, for which
 * the camera would wait. */
export async function lookForPictures(): Promise<void> {
  hasPictures.value = ((await mine.value?.count()) ?? 0) > 0;
}

export async function refresh(): Promise<void> {
  pictures.value = (await mine.value?.pictures()) ?? [];
  hasPictures.value = pictures.value.length > 0;
}

/** Adds files one after the other; what fails is counted and the rest goes on. */
export async function addFiles(files: File[]): Promise<void> {
  if (!mine.value || adding.progress.value || files.length === 0) return;
  const result: Outcome = { added: 0, duplicates: 0, withoutFace: 0, failed: 0, full: false };
  await adding.each(files, async (file) => {
    await addOne(file, result);
    if (result.full) return 'stop';
  });
  outcome.value = result;
  await refresh();
}

async function addOne(file: File, result: Outcome): Promise<void> {
  try {
    const added = await mine.value?.add(file);
    if (added) count(added, result);
  } catch (error) {
    if (error instanceof MoueError && error.code === 'full') result.full = true;
    else result.failed += 1;
  }
}

function count(added: Added, result: Outcome): void {
  if (added.status === 'added') result.added += 1;
  else if (added.status === 'duplicate') result.duplicates += 1;
  else result.withoutFace += 1;
}

export async function remove(picture: Picture): Promise<void> {
  await mine.value?.remove([picture.id]);
  await refresh();
}

export async function describe(picture: Picture, caption: string, tags: string): Promise<void> {
  const words = tags.split(',').map((tag) => tag.trim()).filter(Boolean);
  await mine.value?.update([picture.id], { caption: caption.trim(), tags: words });
  await refresh();
}

/** Whether a picture's name, caption or tags contain what is searched for. */
export function contains(picture: Picture, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  const words = [picture.label, picture.caption ?? '', ...picture.tags];
  return words.some((word) => word.toLowerCase().includes(wanted));
}
