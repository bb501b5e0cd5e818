// Numbers whose owner is lost must not be given to someone else: then old counts would become a new source's. And what
// hangs on an incident that is lost would hang on the next one to get its number.
import { CAUSE, HOST, ROUTE, UPSTREAM } from '../../../core/count/value-id.ts';
import type { Database } from '../database.ts';
import { FAILURE_TIERS } from '../tiers.ts';
import type { TableReport } from './recover.ts';

/** A row that stands for a lost one. */
export interface Placeholder {
  readonly table: 'source' | 'value';
  readonly id: number;
  readonly name: string;
}

export function putRight(
  db: Database,
  reports: readonly TableReport[],
  setAside: (table: string, row: unknown, why: string) => void,
): Placeholder[] {
  for (const report of reports) setOrphansAside(db, report, setAside);
  return [...lostSources(db), ...lostTexts(db)];
}

/** Rows whose incident is lost. */
function setOrphansAside(
  db: Database,
  report: TableReport,
  setAside: (table: string, row: unknown, why: string) => void,
): void {
  const { name } = report.table;
  const keys = db
    .prepare<[string], { table: string; from: string }>('SELECT "table", "from" FROM pragma_foreign_key_list(?)')
    .all(name);
  for (const key of keys.filter((one) => one.table === 'incident' && name !== 'incident')) {
    const where = `"${key.from}" NOT IN (SELECT id FROM incident)`;
    for (const row of db.prepare(`SELECT * FROM "${name}" WHERE ${where}`).iterate())
      setAside(name, row, 'its incident is lost');
    const { changes } = db.prepare(`DELETE FROM "${name}" WHERE ${where}`).run();
    report.rows -= changes;
    report.aside += changes;
  }
}

/** Sources that have counts, but no name any more. Their lines are taken to be what is still counted of them. */
function lostSources(db: Database): Placeholder[] {
  const ids = db
    .prepare<[], number>(
      `SELECT DISTINCT source FROM (SELECT source FROM counts_10s UNION SELECT source FROM counts_1m UNION SELECT source FROM counts_1h
    UNION SELECT source FROM expired UNION SELECT source FROM source_reason UNION SELECT family >> 3 FROM value
    UNION SELECT family >> 3 FROM values_1m UNION SELECT family >> 3 FROM values_1h UNION SELECT family >> 3 FROM durations_1m
    UNION SELECT source FROM failures_10s UNION SELECT source FROM failures_1m) WHERE source > 0 AND source NOT IN (SELECT id FROM source)`,
    )
    .pluck()
    .all();
  const span = db.prepare<
    { id: number },
    { oldest: number | null; newest: number | null; hits: number }
  >(`SELECT min(bucket) AS oldest, max(bucket) AS newest,
    coalesce(sum(count), 0) + (SELECT coalesce(sum(count), 0) FROM expired WHERE source = :id AND tier = 'counts_1h') AS hits FROM counts_1h WHERE source = :id`);
  const insert =
    db.prepare(`INSERT INTO source (id, name, first_seen, last_seen, first_event, last_event, received, accepted)
    VALUES (:id, :name, coalesce(:oldest, 0) * 1000, coalesce(:newest, 0) * 1000, :oldest, :newest, :hits, :hits)`);
  const taken = db.prepare<[string], number>('SELECT 1 FROM source WHERE name = ?').pluck();
  return ids.map((id) => {
    let name = `lost source ${id}`;
    while (taken.get(name) !== undefined) name += '′';
    insert.run({ id, name, ...span.get({ id })! });
    return { table: 'source', id, name };
  });
}

/** Numbers that rows of failures name, with the family of each. */
const FAILING_NUMBERS = FAILURE_TIERS.flatMap(({ table }) =>
  Object.entries({ cause: CAUSE, upstream: UPSTREAM, route: ROUTE, host: HOST }).map(
    ([column, dimension]) => `SELECT source << 3 | ${dimension} AS family, ${column} AS number FROM ${table}`,
  ),
).join(' UNION ALL ');

/** The last number of each source and dimension, if its text is lost: the next text would get it, and its counts. */
function lostTexts(db: Database): Placeholder[] {
  const last = db
    .prepare<[], { family: number; number: number }>(
      `SELECT used.family, max(used.number) AS number
    FROM (SELECT family, number FROM values_1m UNION ALL SELECT family, number FROM values_1h UNION ALL SELECT family, number FROM durations_1m
    UNION ALL ${FAILING_NUMBERS}) AS used WHERE used.number > 0 GROUP BY used.family
    HAVING max(used.number) > coalesce((SELECT max(value.id) & 524287 FROM value WHERE value.family = used.family), 0)`,
    )
    .all();
  const insert = db.prepare('INSERT INTO value (id, family, text) VALUES (?, ?, ?)');
  return last.map(({ family, number }) => {
    const id = family * 2 ** 19 + number,
      name = `lost value ${number}`;
    insert.run(id, family, name);
    return { table: 'value', id, name };
  });
}
