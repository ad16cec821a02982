import type { Gallery, Picture } from 'moue';
import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { counted, t } from '../i18n';
import { mine, mineFailed, moue, thumbnailUrl } from '../logic/engine';
import { adding, addFiles, contains, outcome, pictures, refresh } from '../logic/mine';
import { droppedFiles, pastedFiles } from '../logic/drop';
import { saveBlob } from '../logic/share';
import { AddingBar } from './adding';
import { Edit, edited } from './edit';

/** A person's own pictures: add, search, describe, remove. */
export function MineView() {
  const text = useSignal('');
  const shown = useComputed(() => pictures.value.filter((p) => contains(p, text.value)));
  useEffect(() => {
    void refresh();
  }, [mine.value]);
  useEffect(catchAdded, []);
  if (mineFailed.value) {
    const busy = mineFailed.value.code === 'busy';
    return <div class="notice" role="alert"><p>{busy ? t('storageBusy') : mineFailed.value.message}</p></div>;
  }
  return (
    <section class="mine">
      <header>
        <Adders />
        {pictures.value.length > 0 && (
          <input type="search" placeholder={t('search')} aria-label={t('search')} value={text.value} onInput={(e) => (text.value = e.currentTarget.value)} />
        )}
        <Status />
      </header>
      {pictures.value.length === 0 && !adding.progress.value ? <p class="empty">{t('empty')}</p> : <Grid shown={shown.value} />}
      {mine.value && <Files gallery={mine.value} />}
      <Edit />
    </section>
  );
}

function catchAdded(): () => void {
  const paste = (event: ClipboardEvent): void => void addFiles(pastedFiles(event));
  const drop = (event: DragEvent): void => {
    if (event.dataTransfer) void droppedFiles(event.dataTransfer).then(addFiles);
  };
  addEventListener('paste', paste);
  addEventListener('drop', drop);
  return () => {
    removeEventListener('paste', paste);
    removeEventListener('drop', drop);
  };
}

function Adders() {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = (input: HTMLInputElement): void => {
    void addFiles([...(input.files ?? [])]);
    input.value = '';
  };
  return (
    <div class="adders">
      <button class="primary" onClick={() => files.current?.click()} disabled={!mine.value}>{t('add')}</button>
      <button class="plain" onClick={() => folder.current?.click()} disabled={!mine.value}>{t('addFolder')}</button>
      <input ref={files} class="hidden" type="file" multiple accept="image/*,.zip" aria-label={t('add')} tabIndex={-1} onChange={(e) => take(e.currentTarget)} />
      <input ref={folder} class="hidden" type="file" multiple aria-label={t('addFolder')} tabIndex={-1} onChange={(e) => take(e.currentTarget)} {...{ webkitdirectory: true }} />
    </div>
  );
}

function Status() {
  if (adding.progress.value) return <AddingBar adding={adding} />;
  const last = outcome.value;
  if (!last) return pictures.value.length > 0 ? <p class="status">{counted(pictures.value.length, 'countOne', 'count')}</p> : null;
  const parts = [
    counted(last.added, 'addedOne', 'added'),
    last.duplicates && t('duplicates', { n: last.duplicates }),
    last.withoutFace && t('withoutFace', { n: last.withoutFace }),
    last.failed && t('failed', { n: last.failed }),
    last.full && t('storageFull'),
  ];
  return <p class="status" role="status">{parts.filter(Boolean).join(' · ')}</p>;
}

/** Only what is near the screen is in the page: ten thousand pictures stay light. */
const STEP = 120;

function Grid({ shown }: { shown: Picture[] }) {
  const [count, setCount] = useState(STEP);
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && setCount((n) => n + STEP), { rootMargin: '800px' });
    if (end.current) observer.observe(end.current);
    return () => observer.disconnect();
  }, []);
  return (
    <>
      <ul class="grid">
        {shown.slice(0, count).map((picture) => <Tile key={picture.id} picture={picture} />)}
      </ul>
      <div ref={end} class="grid-end" />
    </>
  );
}

function Tile({ picture }: { picture: Picture }) {
  const [url, setUrl] = useState<string>();
  const face = picture.faces[0]?.id;
  useEffect(() => {
    let wanted = true;
    if (mine.value && face !== undefined) void thumbnailUrl(mine.value, face).then((u) => wanted && setUrl(u));
    return () => {
      wanted = false;
    };
  }, [face]);
  const words = picture.caption ?? picture.label;
  return (
    <li>
      <button class="tile" aria-label={words} onClick={() => (edited.value = picture)}>
        {url ? <img src={url} alt="" loading="lazy" /> : <span class="blank" />}
      </button>
    </li>
  );
}

function Files({ gallery }: { gallery: Gallery }) {
  const input = useRef<HTMLInputElement>(null);
  const take = async (file: File | undefined): Promise<void> => {
    if (!file || !moue.value) return;
    const other = await moue.value.openGallery(file, file.name);
    await gallery.merge(other);
    await other.close();
    await refresh();
  };
  const give = async (): Promise<void> => saveBlob(new File([await gallery.save()], 'mine.moue'));
  return (
    <footer class="files">
      <button class="plain" onClick={() => input.current?.click()}>{t('import')}</button>
      <button class="plain" onClick={() => void give()} disabled={pictures.value.length === 0}>{t('export')}</button>
      <input ref={input} class="hidden" type="file" accept=".moue" aria-label={t('import')} tabIndex={-1} onChange={(e) => void take(e.currentTarget.files?.[0])} />
    </footer>
  );
}
