// Notices of the file system that something in a folder changed.
import { watch, type FSWatcher } from 'node:fs';

export class FolderWatch {
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  add(folder: string): void {
    if (this.#watchers.has(folder)) return;
    try {
      const watcher = watch(folder, { persistent: false }, this.#changed);
      // Some file systems give no notices, or stop giving them: polling goes on regardless.
      watcher.on('error', () => watcher.close());
      this.#watchers.set(folder, watcher);
    } catch {
      // Not there yet, or nothing left to watch with: polling finds the files.
    }
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
  }
}
