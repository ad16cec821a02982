// The key for the server, where it asks for one: kept until the tab is closed or on this device, as
// the person chooses.

const NAME = 'moue-key';

export function storedKey(): string | undefined {
  return sessionStorage.getItem(NAME) ?? localStorage.getItem(NAME) ?? undefined;
}

export function keepKey(key: string, onDevice: boolean): void {
  forgetKey();
  (onDevice ? localStorage : sessionStorage).setItem(NAME, key);
}

export function forgetKey(): void {
  sessionStorage.removeItem(NAME);
  localStorage.removeItem(NAME);
}
