// What the library shows: all pictures by expression, the newest first, or those that make a face.

import { batch, signal } from '@preact/signals';
import { moue } from '../logic/engine';
import { askJson, ask, blobOf, ServerFault, type FaultKind } from './client';
import { search } from './source';
import { connect, info, status } from './state';
import type { ServedMap, ServedMatch, ServedPicture } from './types';

export type Order = 'expression' | 'newest';

/** A picture as the grid has it. */
export interface Cell {
  /** A number of the picture or of a face in it; all addresses take both. */
  id: number;
  words: string;
  /** Cosine similarity with the face that is searched for. */
  similarity?: number;
}

/** Pictures of a page of the list. */
const PAGE = 120;

/** Pictures that make a face: as many as the server gives. */
const MOST_MATCHES = 100;

export const order = signal<Order>('expression');
export const text = signal('');
export const tag = signal<string | undefined>(undefined);
/** The face that is searched for: its picture, and its expression. */
export const face = signal<{ url: string; expression: number[] } | undefined>(undefined);
export const cells = signal<Cell[]>([]);
/** Columns of the map; lists have as many as fit. */
export const columns = signal<number | undefined>(undefined);
export const leftOut = signal(0);
export const isReading = signal(false);
export const fault = signal<FaultKind | undefined>(undefined);
export const tags = signal<string[]>([]);

let next: string | null = null;
/** Grows with each new question, so that late answers to an old one are not shown. */
let run = 0;

/** Whether a list goes on. */
export function hasMore(): boolean {
  return next !== null;
}

function filter(): { text?: string; tags?: string[] } {
  const words = text.value.trim();
  return { ...(words ? { text: words } : {}), ...(tag.value === undefined ? {} : { tags: [tag.value] }) };
}

function query(more: Record<string, string>): string {
  const { text: words, tags: [only] = [] } = filter();
  const all = { ...more, ...(words ? { text: words } : {}), ...(only ? { tag: only } : {}) };
  return new URLSearchParams(all).toString();
}

/** Reads what is to be shown now from the beginning. */
export async function restart(): Promise<void> {
  if (status.value !== 'open') return;
  run += 1;
  await reading(face.value ? similar : order.value === 'expression' ? mapped : firstPage);
}

/** Reads the next pictures of a list. */
export async function more(): Promise<void> {
  if (next !== null && !isReading.value) await reading(nextPage);
}

async function reading(work: () => Promise<() => void>): Promise<void> {
  const own = run;
  isReading.value = true;
  try {
    const show = await work();
    if (own !== run) return;
    fault.value = undefined;
    batch(show);
  } catch (error) {
    if (own === run) fault.value = error instanceof ServerFault ? error.kind : 'server';
  } finally {
    if (own === run) isReading.value = false;
  }
}

async function mapped(): Promise<() => void> {
  const map = await askJson<ServedMap>(`v1/map?${query({})}`);
  return () => {
    cells.value = map.pictures;
    columns.value = map.columns;
    leftOut.value = map.left_out;
    next = null;
  };
}

async function firstPage(): Promise<() => void> {
  const show = await page({});
  return () => {
    cells.value = [];
    columns.value = undefined;
    leftOut.value = 0;
    show();
  };
}

function nextPage(): Promise<() => void> {
  return page(next === null ? {} : { cursor: next });
}

async function page(cursor: Record<string, string>): Promise<() => void> {
  const path = `v1/pictures?${query({ order: 'newest', limit: String(PAGE), ...cursor })}`;
  const list = await askJson<{ pictures: ServedPicture[]; next: string | null }>(path);
  return () => {
    cells.value = [...cells.value, ...list.pictures.map(cellOf)];
    next = list.next;
  };
}

async function similar(): Promise<() => void> {
  const more = { limit: MOST_MATCHES, pure: true, filter: filter() };
  const matches = await search(face.value!.expression, more);
  const cell = (m: ServedMatch): Cell => ({ id: m.id, words: m.caption ?? m.label, similarity: m.similarity });
  return () => {
    cells.value = matches.map(cell);
    columns.value = undefined;
    leftOut.value = 0;
    next = null;
  };
}

export function cellOf(picture: ServedPicture): Cell {
  return { id: picture.id, words: wordsOf(picture) };
}

export function wordsOf(picture: ServedPicture): string {
  return picture.caption ?? (picture.label || picture.path);
}

export async function readTags(): Promise<void> {
  const list = await askJson<{ tags: { tag: string }[] }>('v1/tags').catch(() => ({ tags: [] }));
  tags.value = list.tags.map((t) => t.tag);
}

/** Reads everything again, after a change. */
export async function refresh(): Promise<void> {
  await Promise.all([restart(), readTags(), connect()]);
}

export async function picture(id: number): Promise<ServedPicture> {
  return askJson<ServedPicture>(`v1/pictures/${id}`);
}

export async function describe(id: number, label: string, caption: string, words: string): Promise<ServedPicture> {
  const list = words.split(',').map((word) => word.trim()).filter(Boolean);
  const json = { label: label.trim(), caption: caption.trim() || null, tags: list };
  const changed = await askJson<ServedPicture>(`v1/pictures/${id}`, { method: 'PATCH', json });
  const own = new Set([changed.id, ...changed.faces.map((f) => f.id)]);
  cells.value = cells.value.map((cell) => (own.has(cell.id) ? { ...cell, words: wordsOf(changed) } : cell));
  void readTags();
  return changed;
}

export async function remove(gone: ServedPicture): Promise<void> {
  await ask(`v1/pictures/${gone.id}`, { method: 'DELETE' });
  await refresh();
}

/** Searches the library for the face in a picture; `false` if there is none. The picture stays here. */
export async function searchFace(file: Blob): Promise<boolean> {
  const found = (await moue.value?.embed(file, { faces: 'largest' })) ?? [];
  const expression = found[0]?.expression;
  if (!expression) return false;
  forgetFace();
  face.value = { url: URL.createObjectURL(file), expression };
  await restart();
  return true;
}

/** Searches for what makes the face of a picture of the library. */
export async function searchLike(id: number): Promise<boolean> {
  return searchFace(await blobOf(`v1/pictures/${id}/content`));
}

export function forgetFace(): void {
  if (face.value) URL.revokeObjectURL(face.value.url);
  face.value = undefined;
}

/** How many pictures there are, where nothing selects some. */
export function total(): number | undefined {
  const isAll = !text.value.trim() && tag.value === undefined && !face.value;
  return isAll ? info.value?.pictures : undefined;
}
