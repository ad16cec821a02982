// Pictures that another app shared with this one; the service worker left them in a cache.

import { offer } from './still';

const SHARED = 'moue-shared';

/** Takes the shared pictures out and searches for the first. */
export async function takeShared(): Promise<File[]> {
  if (!('caches' in globalThis) || !location.search.includes('shared')) return [];
  const cache = await caches.open(SHARED);
  const files: File[] = [];
  for (const request of await cache.keys()) {
    const response = await cache.match(request);
    if (response) files.push(await asFile(response));
    await cache.delete(request);
  }
  history.replaceState(null, '', location.pathname);
  if (files[0]) void offer(files[0]);
  return files;
}

async function asFile(response: Response): Promise<File> {
  const blob = await response.blob();
  const name = decodeURIComponent(response.headers.get('x-name') ?? 'shared');
  return new File([blob], name, { type: blob.type });
}
