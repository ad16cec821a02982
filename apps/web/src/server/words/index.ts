// The texts of the library in the language of the app.

import { computed } from '@preact/signals';
import { language } from '../../i18n';
import { de } from './de';
import { en, type Words } from './en';
import { es } from './es';
import { fr } from './fr';

export const catalogs: Record<string, Words> = { en, de, fr, es };

const words = computed(() => catalogs[language.value] ?? en);

/** A text with its values put in. */
export function w(key: keyof Words, values: Record<string, string | number> = {}): string {
  return filled(words.value[key], values);
}

export function filled(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** A number as people of the language write it. */
export function number(n: number): string {
  return n.toLocaleString(language.value);
}
