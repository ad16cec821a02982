import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { counted, language, t } from '../../i18n';
import { ServerFault, type FaultKind } from '../client';
import { addKey, keys, made, readKeys, revokeKey } from '../keys';
import { canAdmin, info, leave } from '../state';
import type { Scope, ServedKey } from '../types';
import { w } from '../words';

/** The server, this page's key, and for those who may the keys of all. */
export function Settings({ close }: { close: () => void }) {
  const about = info.value;
  if (!about) return null;
  return (
    <div class="settings">
      <button class="plain back" onClick={close}>{w('back')}</button>
      <section class="panel">
        <h2>{w('thisServer')}</h2>
        <p>{w('serverIs', { host: location.host, version: about.version })} · {counted(about.pictures, 'countOne', 'count')}</p>
        <p>{t('promise')}</p>
        <h3>{w('youMay')}</h3>
        <ul class="dots">
          {about.scopes.map((scope) => rights(scope) && <li key={scope}>{w(`may_${scope}`)}</li>)}
        </ul>
        {about.key !== null && (
          <p class="own-key"><span>{w('yourKey')}: <strong>{about.key}</strong></span><button class="plain" onClick={() => void leave()}>{w('forgetKey')}</button></p>
        )}
      </section>
      {canAdmin.value && <Keys />}
    </div>
  );
}

/** Whether a scope means anything here: a gallery of drawings cannot be written. */
function rights(scope: Scope): boolean {
  if (scope === 'write') return info.value?.writable ?? false;
  return scope === 'read' || canAdmin.value;
}

function Keys() {
  const fault = useSignal<FaultKind | undefined>(undefined);
  const run = async (work: Promise<void>): Promise<boolean> => {
    try {
      await work;
      fault.value = undefined;
      return true;
    } catch (error) {
      fault.value = error instanceof ServerFault ? error.kind : 'server';
      return false;
    }
  };
  useEffect(() => {
    void run(readKeys());
    // A key's text is shown once: leaving the page is enough to hide it.
    return () => (made.value = undefined);
  }, []);
  return (
    <section class="panel">
      <h2>{w('keys')}</h2>
      <p>{w('keysWhy')}</p>
      <ul class="key-list">
        {keys.value.map((key) => <KeyRow key={key.name} stored={key} revoke={() => void run(revokeKey(key.name))} />)}
      </ul>
      <NewKey run={run} />
      <p class="fault" role="alert">{fault.value ? w(`fault_${fault.value}`) : ''}</p>
      {made.value && <MadeKey />}
    </section>
  );
}

function KeyRow({ stored, revoke }: { stored: ServedKey; revoke: () => void }) {
  const asked = useSignal(false);
  const isOwn = stored.name === info.value?.key;
  const date = new Date(stored.created * 1000).toLocaleDateString(language.value, { dateStyle: 'medium' });
  return (
    <li>
      <div class="key-row">
        <div>
          <strong>{stored.name}</strong>
          {isOwn && <span class="badge">{w('inUse')}</span>}
          <p class="quiet">{stored.scopes.map((scope) => w(`scope_${scope}`)).join(' · ')} · {w('keySince', { date })}</p>
        </div>
        {!asked.value && <button class="plain" aria-label={w('revokeNamed', { name: stored.name })} onClick={() => (asked.value = true)}>{w('revoke')}</button>}
      </div>
      {asked.value && (
        <div class="key-row ask" role="alert">
          <p>{w(isOwn ? 'revokeOwn' : 'revokeAsk')}</p>
          <div class="actions">
            <button class="danger" aria-label={w('revokeNamed', { name: stored.name })} onClick={revoke}>{w('revoke')}</button>
            <button class="plain" onClick={() => (asked.value = false)}>{t('cancel')}</button>
          </div>
        </div>
      )}
    </li>
  );
}

const SCOPES: Scope[] = ['read', 'write', 'admin'];

/** What the server takes as a name. */
const NAME = /^[A-Za-z0-9._-]{1,64}$/;

function NewKey({ run }: { run: (work: Promise<void>) => Promise<boolean> }) {
  const name = useSignal('');
  const scopes = useSignal<Scope[]>(['read']);
  const isWrong = name.value !== '' && !NAME.test(name.value);
  const toggle = (scope: Scope): void => {
    const others = scopes.value.filter((s) => s !== scope);
    scopes.value = others.length < scopes.value.length ? others : [...others, scope];
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (await run(addKey(name.value, scopes.value))) name.value = '';
  };
  return (
    <form class="new-key" onSubmit={(e) => void submit(e)}>
      <h3>{w('newKey')}</h3>
      <label>
        {w('keyName')}
        <input value={name.value} autocomplete="off" autocapitalize="none" spellcheck={false} maxLength={64} aria-invalid={isWrong} aria-describedby="key-rule" onInput={(e) => (name.value = e.currentTarget.value)} />
      </label>
      <p id="key-rule" class="fault">{isWrong ? w('keyNameRule') : ''}</p>
      <fieldset>
        <legend>{w('keyAllows')}</legend>
        {SCOPES.map((scope) => (
          <label key={scope} class="option">
            <input type="checkbox" checked={scopes.value.includes(scope)} onChange={() => toggle(scope)} />
            {w(`scope_${scope}`)}
          </label>
        ))}
      </fieldset>
      <button class="primary" disabled={!NAME.test(name.value) || scopes.value.length === 0}>{w('makeKey')}</button>
    </form>
  );
}

function MadeKey() {
  const copied = useSignal(false);
  const box = useRef<HTMLDivElement>(null);
  const shown = made.value!;
  useEffect(() => box.current?.scrollIntoView({ block: 'nearest' }), [shown.key]);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(shown.key);
    copied.value = true;
  };
  return (
    <div ref={box} class="made" role="status">
      <p>{w('madeKey', { name: shown.name })}</p>
      <code>{shown.key}</code>
      {/* Browsers have no clipboard for pages without TLS; the text can be marked there. */}
      {'clipboard' in navigator && <button class="plain" onClick={() => void copy()}>{t(copied.value ? 'copied' : 'copy')}</button>}
    </div>
  );
}
