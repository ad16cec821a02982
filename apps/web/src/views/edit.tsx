import type { Picture } from 'moue';
import { signal, useSignal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { mine, pictureUrl } from '../logic/engine';
import { describe, remove } from '../logic/mine';

/** The picture that is described. */
export const edited = signal<Picture | undefined>(undefined);

/** A picture of one's own with its caption and tags. */
export function Edit() {
  const dialog = useRef<HTMLDialogElement>(null);
  const picture = edited.value;
  useEffect(() => {
    if (picture) dialog.current?.showModal();
    else dialog.current?.close();
  }, [picture]);
  return (
    <dialog ref={dialog} class="detail" onClose={() => (edited.value = undefined)}>
      {picture && <Form key={picture.id} picture={picture} close={() => dialog.current?.close()} />}
    </dialog>
  );
}

function Form({ picture, close }: { picture: Picture; close: () => void }) {
  const [url, setUrl] = useState<string>();
  const caption = useSignal(picture.caption ?? '');
  const tags = useSignal(picture.tags.join(', '));
  const asked = useSignal(false);
  useEffect(() => {
    const face = picture.faces[0]?.id;
    if (mine.value && face !== undefined) void pictureUrl(mine.value, { id: face }).then(setUrl);
  }, []);
  const act = (work: Promise<void>): void => void work.then(close);
  return (
    <form class="detail-inner" method="dialog" onSubmit={(e) => { e.preventDefault(); act(describe(picture, caption.value, tags.value)); }}>
      <div class="large-picture">{url && <img src={url} alt={picture.label} />}</div>
      <h2>{picture.label}</h2>
      <label>{t('caption')}<input value={caption.value} onInput={(e) => (caption.value = e.currentTarget.value)} /></label>
      <label>{t('tags')}<input value={tags.value} onInput={(e) => (tags.value = e.currentTarget.value)} /></label>
      {asked.value ? <p role="alert">{t('removeAsk')}</p> : null}
      <div class="actions">
        {asked.value ? (
          <button type="button" class="danger" onClick={() => act(remove(picture))}>{t('remove')}</button>
        ) : (
          <>
            <button class="primary">{t('save')}</button>
            <button type="button" class="plain" onClick={() => (asked.value = true)}>{t('remove')}</button>
          </>
        )}
        <button type="button" class="plain" onClick={close}>{t('cancel')}</button>
      </div>
    </form>
  );
}
