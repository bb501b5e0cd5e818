// `fivealarm recover`: what can be read of a damaged database, in a new one, and what is lost. The damaged file is only
// read.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, rmdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { count, plural } from '#shared/numbers.ts';
import { readConfig } from '../config.ts';
import { errors } from '../errors.ts';
import { ownFolder } from '../store/sqlite/database.ts';
import { recover, type Recovery } from '../store/sqlite/recover/recover.ts';
import { lossesOf } from '../store/sqlite/recover/losses.ts';
import { UsageError, type Command, type Io } from './command.ts';
import { databaseIn, startTrouble, textIfThere } from './start-trouble.ts';

export const command = {
  name: 'recover',
  summary: 'copy what can be read of a damaged database into a new one',
  usage: `recover [--data-dir FOLDER] [--to FOLDER | --replace]

  --data-dir   folder of the damaged database (data); nothing in it is changed
  --to         folder for the new one, which must not have one yet (FOLDER-recovered)
  --replace    put the new one in the damaged one's place, and keep that as fivealarm.db.damaged-TIME

  Says per table how many rows were read, and of which source and time rows are lost. Rows that can be read but have no
  place in the new database are written to recovered-rows.jsonl beside it. Stop the server first.`,

  async run(argv: string[], io: Io): Promise<number> {
    const { values } = parseArgs({
      args: argv,
      options: { 'data-dir': { type: 'string' }, to: { type: 'string' }, replace: { type: 'boolean' } },
    });
    if (values.replace && values.to !== undefined) throw new UsageError('--replace and --to exclude each other');
    const dataDir = values['data-dir'] ?? readConfig([], io.env, textIfThere).dataDir;
    try {
      return run(dataDir, values, io);
    } catch (error) {
      const trouble = startTrouble(error, { dataDir, host: '', port: 0 });
      if (trouble === undefined) throw error;
      io.stderr.write(`fivealarm: ${trouble}\n`);
      return 1;
    }
  },
} as const satisfies Command;

function run(dataDir: string, { to, replace = false }: { to?: string; replace?: boolean }, io: Io): number {
  const from = databaseIn(dataDir);
  if (!existsSync(from)) throw errors.notFound(`There is no database in ${resolve(dataDir)}.`);
  const folder = replace ? resolve(dataDir) : resolve(to ?? `${resolve(dataDir)}-recovered`);
  const target = replace ? `${from}.recovering` : databaseIn(folder);
  if (existsSync(target) && !replace) throw errors.targetExists(`${target} exists already.`);
  const letGo = own(from);
  const aside = join(folder, 'recovered-rows.jsonl');
  try {
    mkdirSync(folder, { recursive: true });
    for (const old of [target, aside]) if (replace) rmSync(old, { force: true });
    const recovery = salvage({ from, to: target, aside });
    io.stdout.write(report(from, target, aside, recovery));
    const database = replace ? putInPlace(from, target, io.now()) : undefined;
    io.stdout.write(
      database === undefined
        ? `The damaged database was not changed. To go on with the new one: fivealarm serve --data-dir ${folder}\n`
        : `The new database is in its place; the damaged one is ${database}.\n`,
    );
    return 0;
  } finally {
    letGo();
  }
}

function salvage(options: { from: string; to: string; aside: string }): Recovery {
  try {
    return recover(options);
  } catch (error) {
    for (const path of [options.to, options.aside]) rmSync(path, { force: true });
    if (readdirSync(dirname(options.to)).length === 0) rmdirSync(dirname(options.to));
    throw error;
  }
}

/** Not while a server runs on it. A folder that cannot be written to is nobody's. */
function own(path: string): () => void {
  try {
    return ownFolder(path);
  } catch (error) {
    if (/^SQLITE_(READONLY|CANTOPEN)/.test(String((error as { code?: string }).code))) return () => {};
    throw error;
  }
}

/** The log of the damaged one goes with it: beside another database it would be taken for that one's. */
function putInPlace(from: string, made: string, now: number): string {
  const damaged = `${from}.damaged-${new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')}`;
  for (const suffix of ['-wal', '-shm', '']) if (existsSync(from + suffix)) renameSync(from + suffix, damaged + suffix);
  renameSync(made, from);
  return damaged;
}

function report(
  from: string,
  to: string,
  aside: string,
  { pages, tables, placeholders, notes, names }: Recovery,
): string {
  const rows = tables.map(({ table, rows: read, loose, gaps, isMissing, aside: set }) => {
    const found = [
      plural(read, 'row'),
      ...(loose > 0 ? [`${count(loose)} of them on loose pages`] : []),
      ...(set > 0 ? [`${count(set)} set aside`] : []),
    ].join(', ');
    if (isMissing) return `  ${table.name.padEnd(16)}lost: where it begins cannot be told`;
    return `  ${table.name.padEnd(16)}${found}${gaps.length === 0 ? '' : `; ${plural(gaps.length, 'part')} lost`}`;
  });
  const lost = lossesOf(tables, names);
  return [
    `Read ${from}, ${plural(pages, 'page')}, into ${to}:`,
    ...rows,
    ...notes,
    lost.length === 0 ? 'Nothing was found lost in the tables.' : 'Lost:',
    ...lost.map((line) => `  ${line}`),
    ...placeholders.map(({ table, name }) => `The name of a ${table} is lost: its counts are under “${name}”.`),
    ...(tables.some((table) => table.aside > 0)
      ? [`Rows that have no place in the new database are in ${aside}.`]
      : []),
    '',
  ].join('\n');
}
