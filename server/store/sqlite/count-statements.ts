// The statements by which counts are read. Prepared once; an array has one statement a tier.
import type { Database, Statement } from './database.ts';
import { COUNT_TIERS, VALUE_TIERS } from './tiers.ts';

export interface CountStatements {
  readonly sums: Statement<[number, number, number], [code: number, count: number]>[];
  readonly rows: Statement<[number, number, number], [bucket: number, code: number, count: number]>[];
  readonly causes: Statement<[number, number, number], [bucket: number, code: number, count: number, number: number]>[];
  readonly value: Statement<
    [{ family: number; number: number; from: number; to: number }],
    [bucket: number, code: number, count: number]
  >[];
  readonly oldest: Statement<[number], number | null>[];
  readonly expired: Statement<[number], [code: number, count: number]>;
  readonly span: Statement<[], [oldest: number | null, newest: number | null]>;
  readonly spanOf: Statement<[number], [oldest: number | null, newest: number | null]>;
}

export function prepareCounts(db: Database): CountStatements {
  const where = 'WHERE source = ? AND bucket >= ? AND bucket < ?';
  return {
    sums: COUNT_TIERS.map(({ table }) =>
      db
        .prepare<[number, number, number], [number, number]>(
          `SELECT code, sum(count) FROM ${table} ${where} GROUP BY code`,
        )
        .raw(),
    ),
    rows: COUNT_TIERS.map(({ table }) =>
      db
        .prepare<[number, number, number], [number, number, number]>(
          `SELECT bucket, code, count FROM ${table} ${where}`,
        )
        .raw(),
    ),
    causes: VALUE_TIERS.map(({ table }) =>
      db
        .prepare<[number, number, number], [number, number, number, number]>(
          `SELECT bucket, code, count, number FROM ${table} WHERE family = ? AND bucket >= ? AND bucket < ?`,
        )
        .raw(),
    ),
    // bucket by bucket: a scan would read every other value too
    value: VALUE_TIERS.map(({ table, seconds }) =>
      db
        .prepare<[{ family: number; number: number; from: number; to: number }], [number, number, number]>(
          `WITH RECURSIVE time(at) AS (SELECT :from UNION ALL SELECT at + ${seconds} FROM time WHERE at + ${seconds} < :to)
       SELECT bucket, code, count FROM time CROSS JOIN ${table} ON family = :family AND bucket = at AND number = :number`,
        )
        .raw(),
    ),
    oldest: COUNT_TIERS.map(({ table }) =>
      db.prepare<[number], number | null>(`SELECT min(bucket) FROM ${table} WHERE source = ?`).pluck(),
    ),
    expired: db
      .prepare<[number], [number, number]>(
        `SELECT code, count FROM expired WHERE tier = '${COUNT_TIERS[2].keep}' AND source = ?`,
      )
      .raw(),
    span: db.prepare<[], [number | null, number | null]>('SELECT min(first_event), max(last_event) FROM source').raw(),
    spanOf: db
      .prepare<[number], [number | null, number | null]>('SELECT first_event, last_event FROM source WHERE id = ?')
      .raw(),
  };
}
