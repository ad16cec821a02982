import { t } from '../i18n';
import type { Adding } from '../logic/adding';

/** How far adding is, and a button that ends it; nothing while nothing is added. */
export function AddingBar({ adding }: { adding: Adding }) {
  const now = adding.progress.value;
  if (!now) return null;
  return (
    <div class="status">
      <progress value={now.done} max={now.total} aria-label={t('add')} />
      <span>{t('adding', { done: now.done, total: now.total, rate: now.rate.toFixed(1) })}</span>
      <button class="plain" onClick={adding.stop}>{t('stop')}</button>
    </div>
  );
}
