import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { counted, t } from '../../i18n';
import { droppedFiles, pastedFiles } from '../../logic/drop';
import { AddingBar } from '../../views/adding';
import { cells, columns, face, fault, forgetFace, hasMore, isReading, leftOut, more, order, readTags, restart, searchFace, tag, tags, text, total } from '../library';
import { canWrite, connect, otherWeights, status } from '../state';
import { adding, upload, uploaded } from '../upload';
import { number, w } from '../words';
import { Cells } from './cells';
import { KeyForm } from './key';
import { opened, PictureDialog } from './picture';
import { Settings } from './settings';

/** The server's gallery: look, search, add, edit. */
export function LibraryView() {
  const isSetting = useSignal(false);
  useEffect(() => {
    if (status.value !== 'open') isSetting.value = false;
  }, [status.value]);
  if (status.value === 'locked') return <div class="library scrolls"><KeyForm /></div>;
  if (status.value === 'connecting') return <div class="notice" role="status"><p>{w('connecting')}</p></div>;
  if (status.value !== 'open') return <Away />;
  if (isSetting.value) return <div class="library scrolls"><Settings close={() => (isSetting.value = false)} /></div>;
  return <Pictures onSettings={() => (isSetting.value = true)} />;
}

function Away() {
  const isOffline = status.value === 'offline';
  return (
    <div class="notice" role="alert">
      <h2>{w(isOffline ? 'offlineTitle' : 'failedTitle')}</h2>
      <p>{w(isOffline ? 'offlineWhy' : 'fault_server')}</p>
      <button class="primary" onClick={() => void connect()}>{t('retry')}</button>
    </div>
  );
}

/** Pixels along a side of a cell; phones show the middle one at first. */
const SIZES = [48, 76, 110, 160];

/** The same of a list, whose cells are wider where that fills the screen. */
const LIST_SIZES = [104, 132];

/** After the last letter, before the server is asked. */
const TYPING_MS = 250;

function Pictures({ onSettings }: { onSettings: () => void }) {
  const isWide = matchMedia('(min-width: 700px)').matches;
  const chosenSize = useSignal<number | undefined>(undefined);
  const isOver = useSignal(false);
  useEffect(() => {
    void restart();
    void readTags();
  }, []);
  useEffect(() => (canWrite.value ? catchFiles((over) => (isOver.value = over)) : undefined), [canWrite.value]);
  const isMap = columns.value !== undefined;
  const size = chosenSize.value ?? fitting(isWide ? 2 : 1);
  const side = isMap ? SIZES[size]! : LIST_SIZES[Number(isWide)]!;
  return (
    <section class={isOver.value ? 'library over' : 'library'}>
      <header>
        <Searching onSettings={onSettings} />
        {face.value ? <ByFace /> : <Choosing />}
        <Status />
      </header>
      {cells.value.length > 0 ? (
        <Cells key={isMap ? 'map' : 'list'} cells={cells.value} columns={columns.value} size={side} onOpen={(cell) => (opened.value = cell)} onEnd={() => void (hasMore() && more())} />
      ) : (
        <p class="empty">{emptyText()}</p>
      )}
      {isMap && cells.value.length > 0 && (
        <div class="zoom" role="group">
          <button aria-label={w('smaller')} disabled={size === 0} onClick={() => (chosenSize.value = size - 1)}>{icon(<path d="M6 12h12" />)}</button>
          <button aria-label={w('larger')} disabled={size === SIZES.length - 1} onClick={() => (chosenSize.value = size + 1)}>{icon(<path d="M12 6v12M6 12h12" />)}</button>
        </div>
      )}
      {isOver.value && <div class="drop-here">{w('dropHere')}</div>}
      <PictureDialog />
    </section>
  );
}

/** The cells of a small gallery are as large as the width of the screen lets them be. */
function fitting(least: number): number {
  const widest = SIZES.findLastIndex((side) => (columns.value ?? Infinity) * (side + 6) <= innerWidth - 28);
  return Math.max(least, widest);
}

/** Shows what was chosen, and no longer what was added. */
function show(): void {
  uploaded.value = undefined;
  void restart();
}

function emptyText(): string {
  if (isReading.value) return t('loading');
  if (fault.value) return w(`fault_${fault.value}`);
  if (total() === undefined) return w('noneFound');
  return w(canWrite.value ? 'emptyWrite' : 'emptyRead');
}

function icon(path: ComponentChildren) {
  return <svg viewBox="0 0 24 24" aria-hidden="true">{path}</svg>;
}

function Searching({ onSettings }: { onSettings: () => void }) {
  const files = useRef<HTMLInputElement>(null);
  const photo = useRef<HTMLInputElement>(null);
  const typing = useRef<ReturnType<typeof setTimeout>>(undefined);
  const isFaceless = useSignal(false);
  const type = (words: string): void => {
    text.value = words;
    clearTimeout(typing.current);
    typing.current = setTimeout(show, TYPING_MS);
  };
  const take = (input: HTMLInputElement, use: (files: File[]) => void): void => {
    const taken = [...(input.files ?? [])];
    input.value = '';
    if (taken.length > 0) use(taken);
  };
  const find = async (file: File): Promise<void> => {
    isFaceless.value = false;
    isFaceless.value = !(await searchFace(file).catch(() => false));
  };
  return (
    <>
      <div class="searching">
        <input type="search" placeholder={w('searchWords')} aria-label={w('searchWords')} value={text.value} onInput={(e) => type(e.currentTarget.value)} />
        <button class="tool" aria-label={w('byFace')} title={w('byFace')} disabled={otherWeights.value} onClick={() => photo.current?.click()}>
          {icon(<path d="M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3M9 10v.5M15 10v.5M8.5 14.5c2 2.2 5 2.2 7 0" />)}
        </button>
        {canWrite.value && (
          <button class="tool strong" aria-label={t('add')} title={t('add')} onClick={() => files.current?.click()}>{icon(<path d="M12 5v14M5 12h14" />)}</button>
        )}
        <button class="tool" aria-label={w('settings')} title={w('settings')} onClick={onSettings}>
          {icon(<path d="M4 7h10M18 7h2M4 17h2M10 17h10M16 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM8 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z" />)}
        </button>
        {canWrite.value && <input ref={files} class="hidden" type="file" multiple accept="image/*,.zip" aria-label={t('add')} tabIndex={-1} onChange={(e) => take(e.currentTarget, (all) => void upload(all))} />}
        <input ref={photo} class="hidden" type="file" accept="image/*" aria-label={w('byFace')} tabIndex={-1} onChange={(e) => take(e.currentTarget, ([file]) => file && void find(file))} />
      </div>
      {isFaceless.value && <p class="status" role="alert">{t('noFaceInPicture')}</p>}
    </>
  );
}

/** The order and the tags. */
function Choosing() {
  const choose = (next: typeof order.value): void => {
    order.value = next;
    show();
  };
  const only = (word: string | undefined): void => {
    tag.value = word;
    show();
  };
  return (
    <div class="choosing">
      <div class="switch" role="group" aria-label={w('order')}>
        {(['expression', 'newest'] as const).map((name) => (
          <button key={name} aria-pressed={order.value === name} onClick={() => choose(name)}>{w(name)}</button>
        ))}
      </div>
      {tags.value.length > 0 && (
        <div class="tags" role="group" aria-label={w('tags')}>
          <button aria-pressed={tag.value === undefined} onClick={() => only(undefined)}>{w('all')}</button>
          {tags.value.map((word) => (
            <button key={word} aria-pressed={tag.value === word} onClick={() => only(word)}>{word}</button>
          ))}
        </div>
      )}
    </div>
  );
}

/** The face that is searched for. */
function ByFace() {
  const close = (): void => {
    forgetFace();
    show();
  };
  return (
    <div class="by-face">
      <img src={face.value!.url} alt={w('yourFace')} />
      <p>{w('thisFace')}</p>
      <button class="plain" onClick={close}>{w('showAll')}</button>
    </div>
  );
}

function Status() {
  if (adding.progress.value) return <AddingBar adding={adding} />;
  if (otherWeights.value) return <p class="status" role="alert">{w('otherWeights')}</p>;
  const parts = uploaded.value ? uploadedWords() : countWords();
  return <p class="status" role="status">{parts.filter(Boolean).join(' · ')}</p>;
}

function uploadedWords(): string[] {
  const last = uploaded.value!;
  return [
    counted(last.added, 'addedOne', 'added'),
    last.duplicates ? t('duplicates', { n: number(last.duplicates) }) : '',
    last.withoutFace ? t('withoutFace', { n: number(last.withoutFace) }) : '',
    last.tooLarge ? w('tooLarge', { n: number(last.tooLarge) }) : '',
    last.failed ? t('failed', { n: number(last.failed) }) : '',
    last.stoppedBy ? w(`fault_${last.stoppedBy}`) : '',
  ];
}

function countWords(): string[] {
  if (fault.value && cells.value.length > 0) return [w(`fault_${fault.value}`)];
  const all = total();
  const left = leftOut.value > 0 ? w('leftOut', { n: number(leftOut.value) }) : '';
  if (all !== undefined) return [all > 0 ? counted(all, 'countOne', 'count') : '', left];
  if (isReading.value || cells.value.length === 0) return [''];
  const n = cells.value.length;
  return [n === 1 ? w('foundOne') : w('found', { n: hasMore() ? `${number(n)}+` : number(n) }), left];
}

/** Pictures that are dropped or pasted here are added. */
function catchFiles(over: (isOver: boolean) => void): () => void {
  const paste = (event: ClipboardEvent): void => void upload(pastedFiles(event));
  const enter = (event: DragEvent): void => over(event.dataTransfer?.types.includes('Files') ?? false);
  const leave = (event: DragEvent): void => {
    if (!event.relatedTarget) over(false);
  };
  const drop = (event: DragEvent): void => {
    over(false);
    if (event.dataTransfer) void droppedFiles(event.dataTransfer).then(upload);
  };
  const all = { paste, dragenter: enter, dragleave: leave, drop } as Record<string, (event: never) => void>;
  for (const [name, listener] of Object.entries(all)) addEventListener(name, listener as EventListener);
  return () => {
    for (const [name, listener] of Object.entries(all)) removeEventListener(name, listener as EventListener);
  };
}
