// Adding files to the server's gallery, one after the other, with progress and a stop.

import { signal } from '@preact/signals';
import { Adding } from '../logic/adding';
import { ask, ServerFault, type FaultKind } from './client';
import { order, refresh } from './library';
import { info } from './state';

export interface Uploaded {
  added: number;
  duplicates: number;
  withoutFace: number;
  tooLarge: number;
  failed: number;
  /** Why the rest was not sent. */
  stoppedBy?: FaultKind;
}

export const adding = new Adding();
export const uploaded = signal<Uploaded | undefined>(undefined);

/** Faults after which sending more makes no sense. */
const FINAL: FaultKind[] = ['offline', 'key', 'scope', 'busy'];

export async function upload(files: File[]): Promise<void> {
  if (adding.progress.value || files.length === 0) return;
  uploaded.value = undefined;
  const result: Uploaded = { added: 0, duplicates: 0, withoutFace: 0, tooLarge: 0, failed: 0 };
  await adding.each(files, async (file) => {
    await sendOne(file, result);
    if (result.stoppedBy) return 'stop';
  });
  uploaded.value = result;
  // What was added is the first there.
  if (result.added > 0) order.value = 'newest';
  await refresh();
}

async function sendOne(file: File, result: Uploaded): Promise<void> {
  if (file.size > (info.value?.max_body_bytes ?? Infinity)) {
    result.tooLarge += 1;
    return;
  }
  const label = file.name.replace(/^.*\//, '').replace(/\.[^.]*$/, '').slice(0, 60);
  try {
    const answer = await ask(`v1/pictures?${new URLSearchParams({ label })}`, { method: 'POST', file });
    if (answer.status === 201) result.added += 1;
    else result.duplicates += 1;
  } catch (error) {
    const kind = error instanceof ServerFault ? error.kind : 'server';
    if (kind === 'face') result.withoutFace += 1;
    else if (kind === 'large') result.tooLarge += 1;
    else if (FINAL.includes(kind)) result.stoppedBy = kind;
    else result.failed += 1;
  }
}
