// Files that are added one after the other, with progress and a stop.

import { signal } from '@preact/signals';
import { unpacked } from './zip';

export interface Progress {
  done: number;
  total: number;
  /** Files a second. */
  rate: number;
}

export class Adding {
  /** How far it is; `undefined` while nothing is added. */
  readonly progress = signal<Progress | undefined>(undefined);
  private stopped = false;

  /** Ends after the file that is being added. */
  readonly stop = (): void => {
    this.stopped = true;
  };

  /** Calls `one` for each file, and for each picture of ZIP files, until it says `'stop'`. */
  async each(files: File[], one: (file: File) => Promise<'stop' | void>): Promise<void> {
    this.stopped = false;
    this.progress.value = { done: 0, total: files.length, rate: 0 };
    const wanted = await unpacked(files.filter((file) => !file.name.startsWith('.')));
    const begun = performance.now();
    for (const [index, file] of wanted.entries()) {
      if (this.stopped || (await one(file)) === 'stop') break;
      const seconds = (performance.now() - begun) / 1000;
      this.progress.value = { done: index + 1, total: wanted.length, rate: (index + 1) / seconds };
    }
    this.progress.value = undefined;
  }
}
