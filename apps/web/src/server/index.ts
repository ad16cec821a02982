// The part of the app for a gallery on the server that has sent the page: loaded only there.

import './server.css';
import { firstRun, tab } from '../app';
import { replaced } from '../i18n';
import { chosen } from '../logic/engine';
import { effect } from '@preact/signals';
import { connect, status, watch } from './state';
import { catalogs, filled } from './words';

export { LibraryView } from './views/library';

export function start(): void {
  const { host } = location;
  const promises = Object.entries(catalogs).map(([tag, words]) => [tag, { promise: filled(words.promise, { host }) }]);
  replaced.value = Object.fromEntries(promises);
  chosen.value = 'library';
  watch();
  void connect();
  showKeyForm();
}

/** Who opens the page of a server that asks for a key is asked first, once. */
function showKeyForm(): void {
  const end = effect(() => {
    if (firstRun.value || status.value === 'connecting') return;
    if (status.value === 'locked') tab.value = 'library';
    queueMicrotask(() => end());
  });
}
