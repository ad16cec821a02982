// Requests to the server that has sent the page, with the key, and what their failures mean.

import { signal } from '@preact/signals';
import { storedKey } from './key';

/** What a failure means to a person; each has its text. */
export type FaultKind =
  /** The server cannot be reached. */
  | 'offline'
  /** There is no key, or it is not known. */
  | 'key'
  /** The key does not allow this. */
  | 'scope'
  /** The picture or key is not there any more. */
  | 'gone'
  | 'conflict'
  | 'large'
  | 'picture'
  | 'face'
  | 'busy'
  /** What was typed is not accepted. */
  | 'input'
  | 'server';

export class ServerFault extends Error {
  constructor(readonly kind: FaultKind) {
    super(kind);
    this.name = 'ServerFault';
  }
}

const KINDS: Record<string, FaultKind> = {
  'no-key': 'key',
  forbidden: 'scope',
  'not-found': 'gone',
  conflict: 'conflict',
  'too-large': 'large',
  'not-a-picture': 'picture',
  'no-face': 'face',
  busy: 'busy',
  deadline: 'busy',
  rate: 'busy',
  'bad-request': 'input',
};

/** The last failure that concerns all requests: the network, or the key. */
export const broken = signal<FaultKind | undefined>(undefined);

/** A busy server says after how many seconds to come again; so often it is asked. */
const TRIES = 8;

/** Longer than the server takes for any answer. */
const PATIENCE_MS = 60_000;

export interface Ask {
  method?: string;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  file?: Blob;
  signal?: AbortSignal;
}

/** An answer that is a success; waits where the server is busy.
 * @throws ServerFault */
export async function ask(path: string, options: Ask = {}): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await send(path, options);
    if (answer.ok) {
      if (broken.value === 'offline') broken.value = undefined;
      return answer;
    }
    if ([429, 503].includes(answer.status) && attempt < TRIES) {
      const seconds = Number(answer.headers.get('retry-after')) || 1;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      continue;
    }
    throw tell(await kindOf(answer));
  }
}

export async function askJson<T>(path: string, options: Ask = {}): Promise<T> {
  return (await (await ask(path, options)).json()) as T;
}

async function send(path: string, options: Ask): Promise<Response> {
  const headers = new Headers();
  const key = storedKey();
  if (key) headers.set('x-api-key', key);
  if (options.json !== undefined) headers.set('content-type', 'application/json');
  if (options.file) headers.set('content-type', mediaType(options.file));
  const body = options.file ?? (options.json === undefined ? undefined : JSON.stringify(options.json));
  try {
    return await fetch(new URL(path, document.baseURI), {
      method: options.method ?? (body === undefined ? 'GET' : 'POST'),
      headers,
      ...(body === undefined ? {} : { body }),
      signal: options.signal ?? AbortSignal.timeout(PATIENCE_MS),
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw tell('offline');
  }
}

/** What is no picture by its name is looked at by the server all the same. */
function mediaType(file: Blob): string {
  return file.type.startsWith('image/') ? file.type : 'application/octet-stream';
}

async function kindOf(answer: Response): Promise<FaultKind> {
  // A proxy whose server is down answers for it.
  if ([502, 504].includes(answer.status)) return 'offline';
  const problem = (await answer.json().catch(() => ({}))) as { type?: string };
  const name = problem.type?.split(':').pop() ?? '';
  return KINDS[name] ?? (answer.status === 401 ? 'key' : 'server');
}

function tell(kind: FaultKind): ServerFault {
  if (kind === 'offline' || kind === 'key') broken.value = kind;
  return new ServerFault(kind);
}

/** Pictures that are fetched at once: a screen of them would fill the server's queue. */
const FETCHES = 6;

interface Wanted {
  path: string;
  signal: AbortSignal | undefined;
  resolve(blob: Blob): void;
  reject(error: unknown): void;
}

const wanted: Wanted[] = [];
let fetching = 0;

/** The bytes of a picture. What was asked for last comes first: it is what is on the screen. */
export function blobOf(path: string, signal?: AbortSignal): Promise<Blob> {
  return new Promise((resolve, reject) => {
    wanted.push({ path, signal, resolve, reject });
    void fetchNext();
  });
}

async function fetchNext(): Promise<void> {
  if (fetching >= FETCHES) return;
  const next = wanted.pop();
  if (!next) return;
  if (next.signal?.aborted) {
    next.reject(next.signal.reason);
    return fetchNext();
  }
  fetching += 1;
  try {
    const answer = await ask(next.path, next.signal ? { signal: next.signal } : {});
    next.resolve(await answer.blob());
  } catch (error) {
    next.reject(error);
  } finally {
    fetching -= 1;
    void fetchNext();
  }
}
