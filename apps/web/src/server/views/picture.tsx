import { signal, useSignal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Match } from 'moue';
import type { Texts } from '../../i18n/en';
import { t } from '../../i18n';
import { pictureUrl } from '../../logic/engine';
import type { GallerySource } from '../../logic/source';
import { canShare, copy, save, share } from '../../logic/share';
import { blobOf, ServerFault, type FaultKind } from '../client';
import { type Cell, describe, picture, remove, restart, searchLike, tag, wordsOf } from '../library';
import { isShown } from '../source';
import { canWrite } from '../state';
import type { ServedPicture } from '../types';
import { w } from '../words';
import { alike } from './cells';

/** The picture that is shown large. */
export const opened = signal<Cell | undefined>(undefined);

/** Files of the library, also where faces cannot be compared. */
const files: Pick<GallerySource, 'id' | 'picture'> = {
  id: 'library',
  async picture(id) {
    const file = await blobOf(`v1/pictures/${id}/content`).catch(() => undefined);
    return file && isShown(file.type) ? file : blobOf(`v1/pictures/${id}/thumbnail?of=picture`);
  },
};

/** A picture of the library with what can be done with it. */
export function PictureDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const cell = opened.value;
  useEffect(() => {
    if (cell) dialog.current?.showModal();
    else dialog.current?.close();
  }, [cell]);
  return (
    <dialog ref={dialog} class="detail" onClose={() => (opened.value = undefined)} onClick={(e) => e.target === e.currentTarget && e.currentTarget.close()}>
      {cell && <Shown key={cell.id} cell={cell} close={() => dialog.current?.close()} />}
    </dialog>
  );
}

type Run = (work: Promise<unknown>, done?: () => void) => void;

function Shown({ cell, close }: { cell: Cell; close: () => void }) {
  const [url, setUrl] = useState<string>();
  const record = useSignal<ServedPicture | undefined>(undefined);
  const mode = useSignal<'look' | 'edit' | 'remove'>('look');
  const said = useSignal('');
  const failed = (error: unknown): void => {
    const kind: FaultKind = error instanceof ServerFault ? error.kind : 'server';
    said.value = w(`fault_${kind}`);
  };
  const run: Run = (work, done) => void work.then(done ?? (() => undefined), failed);
  useEffect(() => {
    run(pictureUrl(files, cell).then(setUrl));
    run(picture(cell.id).then((found) => (record.value = found)));
  }, []);
  const shown = record.value;
  return (
    <div class="detail-inner">
      <div class="large-picture">{url ? <img src={url} alt={cell.words} /> : null}</div>
      <h2>{shown ? wordsOf(shown) : cell.words}</h2>
      {cell.similarity !== undefined && <p class="quiet">{alike(cell.similarity)}</p>}
      {shown && mode.value === 'look' && <Tags picture={shown} close={close} />}
      {shown && mode.value === 'edit' ? (
        <Form picture={shown} run={run} close={() => (mode.value = 'look')} onChanged={(changed) => (record.value = changed)} />
      ) : mode.value === 'remove' && shown ? (
        <>
          <p role="alert">{w('removeAsk')}</p>
          <div class="actions">
            <button class="danger" onClick={() => run(remove(shown), close)}>{t('remove')}</button>
            <button class="plain" onClick={() => (mode.value = 'look')}>{t('cancel')}</button>
          </div>
        </>
      ) : (
        <Actions cell={cell} run={run} said={(text) => (said.value = text)} close={close} ask={(to) => (mode.value = to)} />
      )}
      <p class="said" role="status">{said.value}</p>
    </div>
  );
}

function Tags({ picture: { tags = [] }, close }: { picture: ServedPicture; close: () => void }) {
  if (tags.length === 0) return null;
  const choose = (word: string): void => {
    tag.value = word;
    void restart();
    close();
  };
  return (
    <div class="tags">
      {tags.map((word) => <button key={word} onClick={() => choose(word)}>{word}</button>)}
    </div>
  );
}

function Actions(props: { cell: Cell; run: Run; said: (text: string) => void; close: () => void; ask: (mode: 'edit' | 'remove') => void }) {
  const { cell, run, said, close, ask } = props;
  const match = { id: cell.id, label: cell.words } as Match;
  const tell = (work: Promise<unknown>, done: keyof Texts | undefined, failed: keyof Texts): void => {
    work.then(() => said(done ? t(done) : ''), () => said(t(failed)));
  };
  const like = async (): Promise<void> => {
    if (await searchLike(cell.id)) close();
    else said(t('noFaceInPicture'));
  };
  return (
    <div class="actions">
      {canShare() && <button class="primary" onClick={() => tell(share(files, match), undefined, 'shareFailed')}>{t('share')}</button>}
      <button class={canShare() ? 'plain' : 'primary'} onClick={() => tell(copy(files, match), 'copied', 'copyFailed')}>{t('copy')}</button>
      <button class="plain" onClick={() => tell(save(files, match), 'saved', 'copyFailed')}>{t('save')}</button>
      <button class="plain" onClick={() => run(like())}>{w('moreLike')}</button>
      {canWrite.value && <button class="plain" onClick={() => ask('edit')}>{w('edit')}</button>}
      {canWrite.value && <button class="plain" onClick={() => ask('remove')}>{t('remove')}</button>}
      <button class="plain" onClick={close}>{t('close')}</button>
    </div>
  );
}

function Form(props: { picture: ServedPicture; run: Run; close: () => void; onChanged: (changed: ServedPicture) => void }) {
  const { picture: shown, run, close, onChanged } = props;
  const name = useSignal(shown.label);
  const caption = useSignal(shown.caption ?? '');
  const words = useSignal((shown.tags ?? []).join(', '));
  const submit = (event: Event): void => {
    event.preventDefault();
    run(describe(shown.id, name.value, caption.value, words.value).then(onChanged), close);
  };
  return (
    <form class="edit-form" onSubmit={submit}>
      <label>{t('caption')}<input value={caption.value} onInput={(e) => (caption.value = e.currentTarget.value)} /></label>
      <label>{t('tags')}<input value={words.value} onInput={(e) => (words.value = e.currentTarget.value)} /></label>
      <label>{w('name')}<input value={name.value} onInput={(e) => (name.value = e.currentTarget.value)} /></label>
      <div class="actions">
        <button class="primary">{t('save')}</button>
        <button type="button" class="plain" onClick={close}>{t('cancel')}</button>
      </div>
    </form>
  );
}
