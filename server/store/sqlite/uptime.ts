// When the server was there to receive. A stretch outside of these is unknown, which is not the same as quiet.
import type { Database, Statement } from './database.ts';

/** How often the mark moves: a gap is known this exactly. */
const MARK_MS = 10_000;

export class SqliteUptime {
  readonly #start: Statement;
  readonly #mark: Statement;
  readonly #list: Statement<[number, number], { started: number; alive: number }>;
  readonly #last: Statement<[], number | null>;
  readonly #rewind: Statement;
  #id: number | bigint | undefined;
  #markedAt = 0;

  constructor(db: Database) {
    this.#start = db.prepare('INSERT INTO run (started, alive) VALUES (?, ?)');
    this.#mark = db.prepare('UPDATE run SET alive = ? WHERE id = ?');
    this.#last = db.prepare<[], number | null>('SELECT max(alive) FROM run').pluck();
    this.#rewind = db.prepare(
      'UPDATE run SET started = min(started, :now), alive = min(alive, :now) WHERE alive > :now',
    );
    this.#list = db.prepare<[number, number], { started: number; alive: number }>(
      'SELECT started, alive FROM run WHERE alive >= ? AND started < ? ORDER BY started',
    );
  }

  /** Within a transaction. `always` writes even when the mark need not move yet. True when the mark was written. */
  alive(now: number, always = false): boolean {
    if (this.#id === undefined) this.#id = this.#start.run(now, now).lastInsertRowid;
    else if (!always && Math.abs(now - this.#markedAt) < MARK_MS) return false;
    else this.#mark.run(now, this.#id);
    this.#markedAt = now;
    return true;
  }

  lastAlive(): number | undefined {
    return this.#last.get() ?? undefined;
  }

  /** The clock has gone back to `now`: nobody was there later. */
  rewind(now: number): void {
    this.#rewind.run({ now });
  }

  /** Stretches of [from, to) ms in which it ran; the mark's own grain is allowed for. */
  list(from: number, to: number): { from: number; to: number }[] {
    return this.#list.all(from - MARK_MS, to).map((run) => ({ from: run.started, to: run.alive + MARK_MS }));
  }
}
