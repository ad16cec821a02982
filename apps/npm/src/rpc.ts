// Calls between a page and its worker: a message with a number each way.

import { MoueError, type MoueErrorCode } from './types.js';

interface Call {
  id: number;
  method: string;
  args: unknown[];
}

interface Reply {
  id: number;
  /** Buffers of the call that go back. */
  lent: ArrayBuffer[];
  value?: unknown;
  error?: { code: MoueErrorCode; message: string };
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: MoueError): void;
}

/** The page's side. */
export class Caller {
  private readonly waiting = new Map<number, Waiting>();
  private next = 0;
  private ended: MoueError | undefined;

  /** `returned` is given each buffer that was lent to a call, when the call has ended. */
  constructor(
    private readonly worker: Worker,
    private readonly returned: (buffer: ArrayBuffer) => void,
  ) {
    worker.onmessage = (event: MessageEvent<Reply>) => this.settle(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.end(new MoueError('load', event.message || 'the worker could not be loaded'));
    };
  }

  call<T>(method: string, args: unknown[], transfer: Transferable[] = []): Promise<T> {
    if (this.ended) return Promise.reject(this.ended);
    const id = this.next++;
    const answer = new Promise<unknown>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    const message: Call = { id, method, args };
    this.worker.postMessage(message, transfer);
    return answer as Promise<T>;
  }

  /** Ends the worker; open and later calls fail with this error. */
  end(error: MoueError): void {
    this.ended ??= error;
    this.worker.terminate();
    for (const { reject } of this.waiting.values()) reject(this.ended);
    this.waiting.clear();
  }

  private settle({ id, lent, value, error }: Reply): void {
    lent.forEach(this.returned);
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (!error) return waiting?.resolve(value);
    const failure = new MoueError(error.code, error.message);
    waiting?.reject(failure);
    // A module that has trapped is in no known state.
    if (error.code === 'crashed') this.end(failure);
  }
}

/** The worker's side: answers calls one after the other. */
export function serve(methods: Record<string, (...args: never[]) => unknown>): void {
  let last: Promise<unknown> = Promise.resolve();
  const answer = async ({ id, method, args }: Call): Promise<void> => {
    const lent = args.flatMap(lentBuffer);
    try {
      const found = methods[method] as ((...args: unknown[]) => unknown) | undefined;
      if (!found) throw new MoueError('options', `there is no method ${method}`);
      const value = await found(...args);
      postMessage({ id, lent, value } satisfies Reply, lent);
    } catch (error) {
      postMessage({ id, lent, error: described(error) } satisfies Reply, lent);
    }
  };
  onmessage = (event: MessageEvent<Call>) => {
    last = last.then(() => answer(event.data));
  };
}

/** The buffer that an argument lends, if it does. */
function lentBuffer(argument: unknown): ArrayBuffer[] {
  const buffer = (argument as { lent?: unknown } | null | undefined)?.lent;
  return buffer instanceof ArrayBuffer ? [buffer] : [];
}

function described(error: unknown): { code: MoueErrorCode; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof WebAssembly.RuntimeError) return { code: 'crashed', message };
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string') return { code: code as MoueErrorCode, message };
  const name = (error as { name?: unknown } | null)?.name;
  if (name === 'QuotaExceededError') return { code: 'full', message };
  if (name === 'NoModificationAllowedError') return { code: 'busy', message };
  return { code: 'gallery', message };
}
