// What others need for the same file, where they are installed.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PANELS = [
  'VISITORS',
  'REQUESTS',
  'REQUESTS_STATIC',
  'NOT_FOUND',
  'HOSTS',
  'OS',
  'BROWSERS',
  'VISIT_TIMES',
  'VIRTUAL_HOSTS',
  'REFERRERS',
  'REFERRING_SITES',
  'KEYPHRASES',
  'GEO_LOCATION',
  'REMOTE_USER',
  'CACHE_STATUS',
  'MIME_TYPE',
  'TLS_TYPE',
];
/** Counts by status, and nothing else. */
const MTAIL_PROGRAM = `counter http_responses by code
/^\\S+ \\S+ \\S+ \\[[^\\]]+\\] "[^"]*" (?P<code>\\d{3}) / {
  http_responses[$code]++
}
`;

export interface Peer {
  name: string;
  /** ms for the whole file; undefined when it is not installed. */
  run(file: string, folder: string): number | undefined;
}

function timed(command: string, args: readonly string[]): number | undefined {
  const started = performance.now();
  const { error, status, stderr } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return undefined;
  if (status !== 0) throw new Error(`${command}: ${error?.message ?? stderr}`);
  return performance.now() - started;
}

export const wc: Peer = { name: 'wc -l', run: (file) => timed('wc', ['-l', file]) };

export const goaccess: Peer = {
  name: 'goaccess, status panel only',
  run: (file, folder) =>
    timed('goaccess', [
      file,
      '--log-format=COMBINED',
      '--no-progress',
      '--no-global-config',
      '-o',
      join(folder, 'goaccess.json'),
      ...PANELS.map((p) => `--ignore-panel=${p}`),
    ]),
};

export const mtail: Peer = {
  name: 'mtail, by status',
  run(file, folder) {
    const program = join(folder, 'status.mtail');
    writeFileSync(program, MTAIL_PROGRAM);
    return timed('mtail', [
      '--one_shot',
      '--progs',
      program,
      '--logs',
      file,
      '--address',
      '127.0.0.1',
      '--port',
      '0',
      '--log_dir',
      folder,
    ]);
  },
};
