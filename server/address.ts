// Beside the database lies the address of the server that has it open, so that `import` can hand its lines to that server.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const pathOf = (dataDir: string): string => join(dataDir, 'address');

export const leaveAddress = (dataDir: string, url: string): void => writeFileSync(pathOf(dataDir), `${url}\n`);

export const removeAddress = (dataDir: string): void => rmSync(pathOf(dataDir), { force: true });

/** Undefined when no server runs on this folder, or one that was killed. */
export function readAddress(dataDir: string): string | undefined {
  try {
    return readFileSync(pathOf(dataDir), 'utf8').trim();
  } catch {
    return undefined;
  }
}
