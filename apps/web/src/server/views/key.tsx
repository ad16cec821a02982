import { useSignal } from '@preact/signals';
import { keyFault, useKey } from '../state';
import { w } from '../words';

/** Asks for the server's key. */
export function KeyForm() {
  const text = useSignal('');
  const onDevice = useSignal(false);
  const isBusy = useSignal(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const key = text.value.trim();
    if (!key || isBusy.value) return;
    isBusy.value = true;
    await useKey(key, onDevice.value);
    isBusy.value = false;
  };
  return (
    <form class="panel key-form" onSubmit={(e) => void submit(e)}>
      <svg class="key-sign" viewBox="0 0 24 24" aria-hidden="true"><path d="M14.5 9.5a4.5 4.5 0 1 1-3.2-4.3 4.5 4.5 0 0 1 3.2 4.3zM13 13l7 7m-2.5-2.5 2-2" /></svg>
      <h2>{w('keyTitle')}</h2>
      <p>{w('keyWhy')}</p>
      <label>
        {w('key')}
        <input
          type="password"
          autocomplete="off"
          spellcheck={false}
          required
          value={text.value}
          aria-describedby="key-fault"
          onInput={(e) => (text.value = e.currentTarget.value)}
        />
      </label>
      <fieldset>
        <legend>{w('keyKeep')}</legend>
        <label class="option"><input type="radio" name="keep" checked={!onDevice.value} onChange={() => (onDevice.value = false)} />{w('keyUntilClosed')}</label>
        <label class="option"><input type="radio" name="keep" checked={onDevice.value} onChange={() => (onDevice.value = true)} />{w('keyOnDevice')}</label>
      </fieldset>
      <p id="key-fault" class="fault" role="alert">{keyFault.value ? w(keyFault.value) : ''}</p>
      <button class="primary" disabled={isBusy.value}>{w('useKey')}</button>
    </form>
  );
}
