// The texts of the app in the language of the browser.

import { computed, signal } from '@preact/signals';
import { de } from './de';
import { en, type Texts } from './en';
import { es } from './es';
import { fr } from './fr';

const catalogs: Record<string, Texts> = { en, de, fr, es };

/** The languages, each by its own name. */
export const languages = { en: 'English', de: 'Deutsch', fr: 'Français', es: 'Español' };

const KEY = 'language';

function preferred(): string {
  const wanted = [localStorage.getItem(KEY) ?? '', ...navigator.languages];
  return wanted.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag in catalogs) ?? 'en';
}

export const language = signal(preferred());

/** By language, what a part of the app that is loaded later says instead. */
export const replaced = signal<Record<string, Partial<Texts>>>({});

const texts = computed(() => ({ ...(catalogs[language.value] ?? en), ...replaced.value[language.value] }));

export function setLanguage(tag: string): void {
  localStorage.setItem(KEY, tag);
  language.value = tag;
}

/** A text with its values put in. */
export function t(key: keyof Texts, values: Record<string, string | number> = {}): string {
  return texts.value[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** A number of pictures. */
export function counted(n: number, one: keyof Texts, many: keyof Texts): string {
  return n === 1 ? t(one) : t(many, { n: n.toLocaleString(language.value) });
}
