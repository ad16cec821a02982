// URLs of pictures that were shown last; each holds its picture in memory.

export class PictureUrls {
  private readonly urls = new Map<string, Promise<string | undefined>>();

  constructor(private readonly most: number) {}

  /** What `load` gives as a URL for an `<img>`; a failure is not remembered. */
  of(key: string, load: () => Promise<Blob | undefined>): Promise<string | undefined> {
    const known = this.urls.get(key);
    const found = known ?? load().then((blob) => blob && URL.createObjectURL(blob));
    found.catch(() => this.urls.get(key) === found && this.urls.delete(key));
    // The newest is the last, and the first is the one to forget.
    this.urls.delete(key);
    this.urls.set(key, found);
    for (const [old, url] of this.urls) {
      if (this.urls.size <= this.most) break;
      this.urls.delete(old);
      url.then((u) => u && URL.revokeObjectURL(u)).catch(() => undefined);
    }
    return found;
  }
}
