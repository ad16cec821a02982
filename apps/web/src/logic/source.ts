// What is searched: a gallery in this browser, or one on the server that has sent the page.

import type { FoundFace, Gallery, Moue, PictureInput } from 'moue';

/** A gallery that answers faces. */
export interface GallerySource {
  /** No two sources of a page have the same. */
  readonly id: number | string;
  /** The faces of a still with their matches. */
  find(input: PictureInput): Promise<FoundFace[]>;
  /** The faces of a camera's next frame; their matches change only when others are clearly better. */
  track(frame: HTMLVideoElement, time: number): Promise<FoundFace[]>;
  /** The picture of a face, as large as there is one. */
  picture(face: number): Promise<Blob | undefined>;
  /** The picture as large as cards show it. */
  preview(face: number): Promise<Blob | undefined>;
}

/** A gallery of the worker. */
export class LocalSource implements GallerySource {
  readonly id: number;

  constructor(
    private readonly moue: Moue,
    private readonly gallery: Gallery,
  ) {
    this.id = gallery.id;
  }

  find(input: PictureInput): Promise<FoundFace[]> {
    return this.moue.find(input, { gallery: this.gallery, faces: 'all' });
  }

  track(frame: HTMLVideoElement, time: number): Promise<FoundFace[]> {
    return this.moue.track(frame, time, { gallery: this.gallery });
  }

  picture(face: number): Promise<Blob | undefined> {
    return this.gallery.picture(face);
  }

  preview(face: number): Promise<Blob | undefined> {
    return this.gallery.picture(face);
  }
}
