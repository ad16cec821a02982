// The API's keys, for those who may make and revoke them.

import { signal } from '@preact/signals';
import { ask, askJson } from './client';
import { connect, info } from './state';
import type { Scope, ServedKey } from './types';

export const keys = signal<ServedKey[]>([]);
/** The key that was just made: its text is shown this once. */
export const made = signal<{ name: string; key: string } | undefined>(undefined);

export async function readKeys(): Promise<void> {
  keys.value = (await askJson<{ keys: ServedKey[] }>('v1/keys')).keys;
}

export async function addKey(name: string, scopes: Scope[]): Promise<void> {
  made.value = await askJson<{ name: string; key: string }>('v1/keys', { json: { name, scopes } });
  await readKeys();
}

export async function revokeKey(name: string): Promise<void> {
  await ask(`v1/keys/${encodeURIComponent(name)}`, { method: 'DELETE' });
  if (made.value?.name === name) made.value = undefined;
  // With its own key gone, the page asks for another.
  if (name === info.value?.key) await connect();
  else await readKeys();
}
