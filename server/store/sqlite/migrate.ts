// Brings a database up to this code's version: numbered files, forward only, each in one transaction with its number.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { errors } from '../../errors.ts';
import { transaction, type Database } from './database.ts';

const FOLDER = fileURLToPath(new URL('../../../migrations/sqlite/', import.meta.url));

/** `upTo` a version, which is the newest without it. Throws errors.databaseNewer. */
export function migrate(db: Database, folder = FOLDER, upTo = Infinity): void {
  const files = readdirSync(folder)
    .filter((name) => /^\d{4}_.*\.sql$/.test(name))
    .sort();
  const have = db.pragma('user_version', { simple: true }) as number;
  const newest = files.length === 0 ? 0 : numberOf(files[files.length - 1]);
  if (have > newest) throw errors.databaseNewer(`The database is at version ${have}; this code knows ${newest}.`);
  for (const file of files) {
    const number = numberOf(file);
    if (number <= have || number > upTo) continue;
    const sql = readFileSync(folder + file, 'utf8');
    transaction(db, () => {
      db.exec(sql);
      db.pragma(`user_version = ${number}`);
    });
  }
}

const numberOf = (file: string): number => Number(file.slice(0, 4));
