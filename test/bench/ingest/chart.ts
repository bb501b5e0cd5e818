// How long the 24-hour chart takes out of 30 days of minutes of 20 sources × 12 codes (10.4 M rows).
import { join } from 'node:path';
import { openSqlite } from '../../../server/store/sqlite/index.ts';

const CODES = [200, 201, 204, 301, 302, 304, 400, 403, 404, 500, 502, 503];
const SOURCES = 20;
const MINUTES = 30 * 24 * 60;
const END = Date.UTC(2024, 9, 3, 12);
const ROUNDS = 25;

export interface ChartTimes {
  /** Median, ms. */
  oneSource: number;
  allSources: number;
}

export async function timeChart(folder: string): Promise<ChartTimes> {
  const store = openSqlite(join(folder, 'chart.db'));
  const { db } = store;
  const first = END / 1000 - MINUTES * 60;
  db.pragma('synchronous = OFF');
  db.exec('BEGIN');
  const addSource = db.prepare(
    'INSERT INTO source (id, name, first_seen, last_seen, first_event, last_event) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const addMinutes =
    db.prepare(`WITH RECURSIVE minute (at) AS (SELECT CAST(:first AS INTEGER) UNION ALL SELECT at + 60 FROM minute LIMIT :minutes)
    INSERT INTO counts_1m SELECT :source, at, code.value, 100 FROM minute, json_each(:codes) AS code`);
  for (let source = 0; source <= SOURCES; source++) {
    if (source > 0) addSource.run(source, `source-${source}`, END, END, first, END / 1000 - 1);
    addMinutes.run({ source, first, minutes: MINUTES, codes: JSON.stringify(CODES) });
  }
  db.exec('COMMIT');
  store.close();
  // Opened anew: sources are read at the start.
  const again = openSqlite(join(folder, 'chart.db'));
  const time = async (source?: string): Promise<number> => {
    const times: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      const started = performance.now();
      const { series } = await again.counts.series({ from: END - 24 * 3600_000, to: END, by: 'class', source });
      times.push(performance.now() - started);
      if (series.length !== 4) throw new Error('the chart lacks a class');
    }
    return times.sort((a, b) => a - b)[ROUNDS >> 1];
  };
  const times = { oneSource: await time('source-7'), allSources: await time() };
  again.close();
  return times;
}
