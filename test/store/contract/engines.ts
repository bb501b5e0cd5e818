// The engines, and a test that each of them must pass.
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openSqlite } from '../../../server/store/sqlite/index.ts';
import type { Retention, Store } from '../../../server/store/store.ts';
import { folderFor } from '../support.ts';

interface Engine {
  name: string;
  /** A new database, opened as often as asked. */
  create(t: TestContext): (retention?: Partial<Retention>) => Store;
}

const engines: Engine[] = [
  {
    name: 'sqlite',
    create: (t) => {
      const path = join(folderFor(t), 'data.db');
      return (retention) => openSqlite(path, { retention });
    },
  },
];

/** `open` opens the same new database as often as asked. */
export function it(title: string, body: (open: (retention?: Partial<Retention>) => Store) => Promise<void>): void {
  for (const engine of engines) test(`${engine.name}: ${title}`, (t) => body(engine.create(t)));
}

export const T = Date.UTC(2024, 0, 31, 12, 0, 0);

export const S = 1000,
  MIN = 60 * S,
  HOUR = 60 * MIN,
  DAY = 24 * HOUR;
