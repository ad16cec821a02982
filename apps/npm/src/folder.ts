// A folder that keeps files across visits: the origin's private file system, else IndexedDB.

export interface Folder {
  read(name: string): Promise<Blob | undefined>;
  write(name: string, data: Blob): Promise<void>;
  remove(name: string): Promise<void>;
  /** A file that this worker alone reads and writes in place; `undefined` where browsers have none. */
  open(name: string): Promise<FileSystemSyncAccessHandle | undefined>;
}

/** The folder of that name, made if there is none. */
export async function folder(name: string): Promise<Folder> {
  try {
    const root = await navigator.storage.getDirectory();
    return new OriginFolder(await root.getDirectoryHandle(name, { create: true }));
  } catch {
    // Private windows and older browsers refuse or lack it.
    return new DatabaseFolder(await database(`moue-${name}`));
  }
}

class OriginFolder implements Folder {
  constructor(private readonly handle: FileSystemDirectoryHandle) {}

  async read(name: string): Promise<Blob | undefined> {
    try {
      const file = await (await this.handle.getFileHandle(name)).getFile();
      return file.size > 0 ? file : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async write(name: string, data: Blob): Promise<void> {
    const file = await this.handle.getFileHandle(name, { create: true });
    if (file.createWritable) {
      const out = await file.createWritable();
      await out.write(data);
      return out.close();
    }
    // Safari before 26 writes through handles alone.
    const out = await file.createSyncAccessHandle();
    try {
      out.truncate(0);
      out.write(new Uint8Array(await data.arrayBuffer()), { at: 0 });
      out.flush();
    } finally {
      out.close();
    }
  }

  async remove(name: string): Promise<void> {
    await this.handle.removeEntry(name).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }

  async open(name: string): Promise<FileSystemSyncAccessHandle | undefined> {
    const file = await this.handle.getFileHandle(name, { create: true });
    // WebKitGTK has the file system without these handles.
    return file.createSyncAccessHandle?.();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'NotFoundError';
}

const STORE = 'files';

/** WebKit's private windows cannot keep a `Blob`. */
interface Kept {
  type: string;
  bytes: ArrayBuffer;
}

class DatabaseFolder implements Folder {
  constructor(private readonly db: IDBDatabase) {}

  async read(name: string): Promise<Blob | undefined> {
    const kept = (await done(this.store('readonly').get(name))) as Kept | undefined;
    return kept && new Blob([kept.bytes], { type: kept.type });
  }

  async write(name: string, data: Blob): Promise<void> {
    const kept: Kept = { type: data.type, bytes: await data.arrayBuffer() };
    await done(this.store('readwrite').put(kept, name));
  }

  async remove(name: string): Promise<void> {
    await done(this.store('readwrite').delete(name));
  }

  async open(): Promise<undefined> {
    return undefined;
  }

  private store(mode: IDBTransactionMode): IDBObjectStore {
    return this.db.transaction(STORE, mode).objectStore(STORE);
  }
}

function database(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return done(request);
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
