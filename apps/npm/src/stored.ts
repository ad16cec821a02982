// A person's own gallery: its file, and a copy of each picture to show.

import { type Folder, folder } from './folder.js';
import type { Picture } from './types.js';
import { Gallery } from './wasm/moue_wasm.js';

const GALLERY = 'gallery.moue';

/** A gallery that is kept across visits. */
export class Stored {
  private constructor(
    readonly gallery: Gallery,
    private readonly files: Folder,
    /** Whether the browser writes the file in place; else it is written whole after each change. */
    private readonly inPlace: boolean,
  ) {}

  static async open(name: string): Promise<Stored> {
    const files = await folder(name);
    const handle = await files.open(GALLERY);
    if (handle) return new Stored(Gallery.onFile(handle, name), files, true);
    const bytes = await (await files.read(GALLERY))?.arrayBuffer();
    const gallery = Gallery.inMemory(bytes && new Uint8Array(bytes), name);
    return new Stored(gallery, files, false);
  }

  /** Keeps what was changed; when this returns, it survives the tab. */
  async changed(): Promise<void> {
    if (this.inPlace) return;
    const bytes = this.gallery.bytes() as Uint8Array<ArrayBuffer>;
    await this.files.write(GALLERY, new Blob([bytes]));
  }

  keep(hash: string, copy: Blob): Promise<void> {
    return this.files.write(hash, copy);
  }

  copy(hash: string): Promise<Blob | undefined> {
    return this.files.read(hash);
  }

  async forget(pictures: Picture[]): Promise<void> {
    for (const { hash } of pictures) await this.files.remove(hash);
  }
}
