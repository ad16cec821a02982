// Whether `moue serve` has sent this page, which marks it, and then the part of the app for its
// gallery. A folder on a server of files has no mark, and that part is never loaded.

import { signal } from '@preact/signals';

const mark = document.querySelector('meta[name="moue-server"]');

/** Whether there is a server with a gallery. */
export const isServed = mark !== null;

/** The part of the app for it, once it is loaded. */
export const served = signal<typeof import('../server') | undefined>(undefined);

/** Whether the app waits for it. */
export const isWaiting = signal(isServed);

/** Loads it. Without a network and without a copy in the cache the app is as on a server of files. */
export async function loadServed(): Promise<void> {
  if (!isServed) return;
  try {
    const part = await import('../server');
    part.start();
    served.value = part;
  } catch {
    // The galleries of this device answer.
  } finally {
    isWaiting.value = false;
  }
}
