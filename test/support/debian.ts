// Real programs from Debian's packages, unpacked beside the tests instead of installed: no service starts, packages that exclude
// each other (rsyslog, syslog-ng) are both there, and nothing on the machine changes. What is installed anyway is used as it is.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

export interface Unpacked {
  /** '' when the package is installed. */
  readonly root: string;
  /** For spawn: finds the libraries that came along. */
  readonly env: Record<string, string>;
}

/** The packages with what they need and is not installed, or why they cannot be had. */
export function debian(...packages: string[]): Unpacked | { skip: string } {
  if (spawnSync('apt-get', ['--version']).error !== undefined) return { skip: 'there is no apt-get here' };
  if (packages.every(isInstalled)) return { root: '', env: {} };
  const root = join(
    tmpdir(),
    `fivealarm-debian-${userInfo().uid}`,
    createHash('sha256').update(packages.join(' ')).digest('hex').slice(0, 12),
  );
  if (!existsSync(root)) {
    const failed = unpack(packages, root);
    if (failed !== undefined) return { skip: failed };
  }
  const libraries = [
    'usr/lib/x86_64-linux-gnu',
    'lib/x86_64-linux-gnu',
    'usr/lib/aarch64-linux-gnu',
    'lib/aarch64-linux-gnu',
    'usr/lib',
  ].map((folder) => join(root, folder));
  return { root, env: { LD_LIBRARY_PATH: libraries.join(':') } };
}

const isInstalled = (name: string): boolean =>
  spawnSync('dpkg-query', ['-W', '-f=${Status}', name], { encoding: 'utf8' }).stdout.includes('install ok installed');

function unpack(packages: readonly string[], root: string): string | undefined {
  const work = `${root}.${process.pid}`;
  mkdirSync(join(work, 'root'), { recursive: true });
  try {
    const needed =
      simulate(packages) ?? (spawnSync('apt-get', ['update', '-q'], { stdio: 'ignore' }), simulate(packages));
    if (needed === undefined) return `apt-get knows no ${packages.join(', ')}`;
    execFileSync('apt-get', ['download', '-q', ...needed], { cwd: work, stdio: 'ignore' });
    for (const file of readdirSync(work))
      if (file.endsWith('.deb')) execFileSync('dpkg', ['-x', join(work, file), join(work, 'root')]);
    if (!existsSync(root)) renameSync(join(work, 'root'), root);
    return undefined;
  } catch (error) {
    return `apt-get cannot fetch ${packages.join(', ')}: ${(error as Error).message.split('\n')[0]}`;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What `apt-get install` would add. */
function simulate(packages: readonly string[]): string[] | undefined {
  const { status, stdout } = spawnSync('apt-get', ['install', '-s', '--no-install-recommends', ...packages], {
    encoding: 'utf8',
  });
  if (status !== 0) return undefined;
  // Scripts beside the programs want Perl; the programs do not.
  return [...new Set([...packages, ...[...stdout.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name)])].filter(
    (name) => !name.includes('perl'),
  );
}
