// What is lost, for people: of which source, and of which time. Told by the rows before and after each gap.
import type { Value } from './record.ts';
import type { GapReport, TableReport } from './recover.ts';

/** Of a table; the rest is counted. */
const TOLD_MAX = 8;

/** `names` of sources, by id. */
export function lossesOf(tables: readonly TableReport[], names: ReadonlyMap<string, string>): string[] {
  return tables.flatMap((report) => {
    if (report.isMissing) return [`${report.table.name}: all of it`];
    const told = [...new Set(report.gaps.map((gap) => `${report.table.name}: ${extentOf(report, gap, names)}`))];
    return told.length <= TOLD_MAX
      ? told
      : [...told.slice(0, TOLD_MAX), `${report.table.name}: and ${told.length - TOLD_MAX} more parts`];
  });
}

type Row = readonly (Value | undefined)[];

function extentOf(
  { table: { columns } }: TableReport,
  { from, to, page }: GapReport,
  names: ReadonlyMap<string, string>,
): string {
  const what = page === undefined ? 'some rows' : 'rows';
  if (from === undefined && to === undefined) return page === undefined ? 'some rows' : 'all rows';
  const ends = [from, to].map((row) => (row === undefined ? undefined : placeOf(columns, row, names)));
  const [a, b] = ends;
  if (a !== undefined && b !== undefined && a.source !== undefined && a.source === b.source)
    return `${what} of ${a.source}, from ${a.time} to ${b.time}`;
  const begin =
    a === undefined ? 'from the beginning' : `from ${a.source === undefined ? '' : `${a.source}, `}${a.time}`;
  const end = b === undefined ? 'to the end' : `to ${b.source === undefined ? '' : `${b.source}, `}${b.time}`;
  return `${what} ${begin} ${end}`;
}

interface Place {
  readonly source: string | undefined;
  readonly time: string;
}

/** Buckets are in seconds, all other times in ms. Without a time, the key. */
function placeOf(columns: readonly string[], row: Row, names: ReadonlyMap<string, string>): Place {
  const of = (name: string): Value | undefined => row[columns.indexOf(name)];
  const source = of('source'),
    family = of('family');
  const id = typeof source === 'bigint' ? source : typeof family === 'bigint' ? family >> 3n : undefined;
  const name =
    id === 0n
      ? 'all sources'
      : id === undefined
        ? typeof source === 'string'
          ? source
          : undefined
        : (names.get(String(id)) ?? `source ${id}`);
  const bucket = of('bucket');
  const at = columns.findIndex((column) => /^(at|started|last_seen)$|_at$/.test(column));
  const time =
    typeof bucket === 'bigint'
      ? Number(bucket) * 1000
      : at !== -1 && typeof row[at] === 'bigint'
        ? Number(row[at])
        : undefined;
  return {
    source: name,
    time: time === undefined || Math.abs(time) > 8.64e15 ? `${columns[0]} ${String(row[0])}` : inUtc(time),
  };
}

const inUtc = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
