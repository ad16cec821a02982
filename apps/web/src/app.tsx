import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { language, t } from './i18n';
import { load, loadFailed, mine, moue } from './logic/engine';
import { lookForPictures } from './logic/mine';
import { droppedFiles, pastedFiles } from './logic/drop';
import { isWaiting, loadServed, served } from './logic/served';
import { offer } from './logic/still';
import { takeShared } from './logic/shared';
import { CameraView } from './views/camera';
import { Detail } from './views/detail';
import { FirstRun } from './views/first';
import { MineView } from './views/mine';
import { StillView } from './views/still';
import { Tabs } from './views/tabs';

export type Tab = 'camera' | 'photo' | 'library' | 'mine';

const SEEN = 'seen-first-run';

export const tab = signal<Tab>('camera');
export const firstRun = signal(localStorage.getItem(SEEN) === null);

export function leaveFirstRun(next: Tab): void {
  localStorage.setItem(SEEN, '1');
  tab.value = next;
  firstRun.value = false;
}

export function App() {
  useEffect(() => {
    void load().catch(() => undefined);
    void loadServed();
    void takeShared().then((files) => files.length > 0 && leaveFirstRun('photo'));
    return catchFiles();
  }, []);
  // Every view offers the person's own pictures as soon as there are some.
  useEffect(() => {
    void lookForPictures();
  }, [mine.value]);
  useEffect(() => {
    document.documentElement.lang = language.value;
  }, [language.value]);
  if (isWaiting.value) return <div class="loading" role="status">{t('loading')}</div>;
  if (firstRun.value) return <FirstRun />;
  if (loadFailed.value) return <LoadFailed />;
  return (
    <div class="app">
      <main class="stage" id="main">
        <h1 class="hidden">moue</h1>
        {tab.value === 'camera' && <CameraView />}
        {tab.value === 'photo' && <StillView />}
        {tab.value === 'library' && served.value && <served.value.LibraryView />}
        {tab.value === 'mine' && <MineView />}
      </main>
      <Tabs />
      <Detail />
      {!moue.value && <div class="loading" role="status">{t('loading')}</div>}
    </div>
  );
}

function LoadFailed() {
  return (
    <div class="notice" role="alert">
      <p>{t('loadFailed')}</p>
      <button class="primary" onClick={() => void load().catch(() => undefined)}>{t('retry')}</button>
    </div>
  );
}

/** Pictures that are dropped or pasted anywhere are searched for, on "My pictures" and in the library
 * added. */
function catchFiles(): () => void {
  const take = (files: File[]): void => {
    if (files.length === 0 || tab.value === 'mine' || tab.value === 'library') return;
    leaveFirstRun('photo');
    void offer(files[0]!);
  };
  const paste = (event: ClipboardEvent): void => take(pastedFiles(event));
  const over = (event: DragEvent): void => event.preventDefault();
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    if (event.dataTransfer) void droppedFiles(event.dataTransfer).then(take);
  };
  addEventListener('paste', paste);
  addEventListener('dragover', over);
  addEventListener('drop', drop);
  return () => {
    removeEventListener('paste', paste);
    removeEventListener('dragover', over);
    removeEventListener('drop', drop);
  };
}
