import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Texts } from '../i18n/en';
import { t } from '../i18n';
import { canShare, copy, save, share } from '../logic/share';
import { MatchPicture } from './picture';
import { opened, words } from './matches';

/** A match, large, with what can be done with it. */
export function Detail() {
  const dialog = useRef<HTMLDialogElement>(null);
  const said = useSignal<keyof Texts | undefined>(undefined);
  const shown = opened.value;
  useEffect(() => {
    said.value = undefined;
    if (shown) dialog.current?.showModal();
    else dialog.current?.close();
  }, [shown]);
  const run = (work: Promise<unknown>, done: keyof Texts | undefined, failed: keyof Texts): void => {
    work.then(() => (said.value = done)).catch(() => (said.value = failed));
  };
  return (
    <dialog ref={dialog} class="detail" onClose={() => (opened.value = undefined)} onClick={(e) => e.target === e.currentTarget && e.currentTarget.close()}>
      {shown && (
        <div class="detail-inner">
          <div class="large-picture"><MatchPicture large gallery={shown.gallery} match={shown.match} /></div>
          <h2>{words(shown.match)}</h2>
          <div class="actions">
            {canShare() && (
              <button class="primary" onClick={() => run(share(shown.gallery, shown.match), undefined, 'shareFailed')}>{t('share')}</button>
            )}
            <button class={canShare() ? 'plain' : 'primary'} onClick={() => run(copy(shown.gallery, shown.match), 'copied', 'copyFailed')}>{t('copy')}</button>
            <button class="plain" onClick={() => run(save(shown.gallery, shown.match), 'saved', 'copyFailed')}>{t('save')}</button>
            <button class="plain" onClick={() => dialog.current?.close()}>{t('close')}</button>
          </div>
          <p class="said" role="status">{said.value ? t(said.value) : ''}</p>
        </div>
      )}
    </dialog>
  );
}
