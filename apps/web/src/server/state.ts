// Whether the server's gallery can be used, and what this person may do there.

import { computed, effect, signal, untracked } from '@preact/signals';
import { load, moue, setSource, sources } from '../logic/engine';
import { askJson, broken, ServerFault } from './client';
import { forgetKey, keepKey, storedKey } from './key';
import { ServerSource } from './source';
import type { Info } from './types';

export type Status =
  | 'connecting'
  | 'open'
  /** It asks for a key. */
  | 'locked'
  | 'offline'
  /** It answers, but not as it should. */
  | 'failed';

export const status = signal<Status>('connecting');
export const info = signal<Info | undefined>(undefined);
/** What is wrong with the key that was given. */
export const keyFault = signal<'keyUnknown' | 'keyCannotRead' | undefined>(undefined);
/** Whether the page's networks are others than those of the gallery. */
export const otherWeights = signal(false);

export const canWrite = computed(() => (info.value?.writable ?? false) && info.value!.scopes.includes('write'));
/** Only a server that has keys has any to show. */
export const canAdmin = computed(() => info.value?.key != null && info.value.scopes.includes('admin'));

/** Between two tries to reach a server that does not answer. */
const AGAIN_MS = 8000;

let again: ReturnType<typeof setTimeout> | undefined;

/** Asks the server who it is and what may be done; the galleries of this device answer meanwhile. */
export async function connect(): Promise<void> {
  clearTimeout(again);
  try {
    info.value = await askJson<Info>('v1/info');
    keyFault.value = undefined;
    broken.value = undefined;
    status.value = 'open';
  } catch (error) {
    fail(error);
    return;
  }
  await offerSource();
}

/** Lets faces be searched for in the library, if its numbers can be compared with this page's. */
async function offerSource(): Promise<void> {
  await load().catch(() => undefined);
  if (!moue.value) return;
  otherWeights.value = (await moue.value.fingerprint()) !== info.value?.weights;
  // The one that is there goes on: it knows what a camera's faces are shown.
  if (status.value !== 'open' || otherWeights.value || sources.value.library) return;
  setSource('library', new ServerSource(moue.value));
}

function fail(error: unknown): void {
  setSource('library', undefined);
  const kind = error instanceof ServerFault ? error.kind : 'server';
  if (kind === 'key' || kind === 'scope') {
    keyFault.value = storedKey() === undefined ? undefined : kind === 'key' ? 'keyUnknown' : 'keyCannotRead';
    info.value = undefined;
    status.value = 'locked';
  } else {
    status.value = kind === 'offline' || kind === 'busy' ? 'offline' : 'failed';
    again = setTimeout(() => void connect(), AGAIN_MS);
  }
}

/** Tries a key and keeps it if the server takes it. */
export async function useKey(key: string, onDevice: boolean): Promise<void> {
  keepKey(key, onDevice);
  await connect();
  if (status.value === 'locked') forgetKey();
}

export async function leave(): Promise<void> {
  forgetKey();
  await connect();
}

export function watch(): void {
  addEventListener('online', () => void connect());
  // Any request may find that the server is gone or that the key was revoked.
  effect(() => {
    const kind = broken.value;
    if (kind) untracked(() => status.value === 'open' && fail(new ServerFault(kind)));
  });
}
