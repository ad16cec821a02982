import type { ComponentChildren } from 'preact';
import { type Tab, tab } from '../app';
import { t } from '../i18n';
import { served } from '../logic/served';

const ICONS: Record<Tab, ComponentChildren> = {
  camera: <path d="M4 8h3l2-3h6l2 3h3v11H4zM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z" />,
  photo: <path d="M4 5h16v14H4zM4 16l5-5 4 4 2-2 5 5M15.5 9.5h.01" />,
  library: <path d="M5 4v16M9.5 4v16M13 5l5.5 14.5M3 20h18" />,
  mine: <path d="M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z" />,
};

/** The places of the app. */
export function Tabs() {
  const names: Tab[] = ['camera', 'photo', ...(served.value ? ['library' as const] : []), 'mine'];
  return (
    <nav class="tabs">
      {names.map((name) => (
        <button
          key={name}
          aria-current={tab.value === name ? 'page' : undefined}
          onClick={() => (tab.value = name)}
        >
          <svg viewBox="0 0 24 24" aria-hidden="true">{ICONS[name]}</svg>
          <span>{t(name)}</span>
        </button>
      ))}
    </nav>
  );
}
