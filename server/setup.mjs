// What the npm scripts run: makes a fresh clone ready (packages, a Node that is new enough, the built page, what tests need),
// then starts the real thing. Plain JavaScript that an old Node (18+) can run. Says what it does the first time, is quiet after.
import { createHash } from 'node:crypto';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const cache = join(root, '.cache');
/** Runs TypeScript as it is, and loads better-sqlite3 13. */
const NODE_WANTED = [22, 18];
const NODE_FETCHED = '24';
/** Debian packages that the tests start for real. On other systems those tests say what they miss and skip. */
const TEST_PACKAGES = ['chromium', 'nginx-light', 'haproxy'];
/**
 * Receiving allocates big buffers outside the heap; a small initial heap would collect garbage every few milliseconds. What is young
 * dies with its chunk: left alone, the room for it grows to twice 64 MB without being any faster.
 */
const SERVER_FLAGS = ['--initial-heap-size=512', '--max-semi-space-size=16'];

/**
 * Node keeps here what it has compiled: a start takes half as long. And with no types left to strip, no WebAssembly memory grows in the
 * process; once one has, V8 looks at every access to bytes whether their memory is still there, which costs up to a tenth in reading.
 */
const compiled = join(cache, 'compiled');
process.env.NODE_COMPILE_CACHE ??= compiled;

const say = (text) => process.stderr.write(`fivealarm: ${text}\n`);

function fail(text) {
  say(text);
  process.exit(1);
}

/** Digest of files, to tell whether a step must run again. */
function digestOf(...paths) {
  const hash = createHash('sha256');
  const add = (path) => {
    if (statSync(path).isDirectory())
      for (const name of readdirSync(path).sort()) name !== 'dist' && add(join(path, name));
    else hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  };
  // An installed package has no package-lock.json.
  for (const path of paths) if (existsSync(join(root, path))) add(join(root, path));
  return hash.digest('hex');
}

/** Runs `work` unless it ran with the same digest before. */
function once(name, digest, isThere, work) {
  const stamp = join(cache, `${name}.stamp`);
  if (isThere() && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  work();
  mkdirSync(cache, { recursive: true });
  writeFileSync(stamp, digest);
}

function command(file, args, hint) {
  const run = spawnSync(file, args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (run.error || run.status !== 0)
    fail(`\`${file} ${args.join(' ')}\` failed${run.error ? `: ${run.error.message}` : ''}. ${hint}`);
}

const isNewEnough = (version) => {
  const [major, minor] = version.split('.').map(Number);
  return major > NODE_WANTED[0] || (major === NODE_WANTED[0] && minor >= NODE_WANTED[1]);
};

/** The Node that runs the server: this one, or one that is fetched once into .cache/. */
function ensureNode() {
  if (isNewEnough(process.versions.node)) return process.execPath;
  const name = `${process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'}-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const home = join(cache, 'node');
  const bin = join(home, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  once(
    'node',
    `${name}@${NODE_FETCHED}`,
    () => existsSync(bin),
    () => {
      say(`this is Node ${process.versions.node}; fetching Node ${NODE_FETCHED} for the server into .cache/ (once)`);
      mkdirSync(home, { recursive: true });
      command(
        'npm',
        [
          'install',
          '--prefix',
          home,
          '--no-save',
          '--no-package-lock',
          '--ignore-scripts',
          '--loglevel=error',
          `${name}@${NODE_FETCHED}`,
        ],
        `Install Node ${NODE_WANTED.join('.')} or newer by hand, then try again.`,
      );
    },
  );
  return bin;
}

function ensurePackages() {
  if (!existsSync(join(root, 'package-lock.json'))) return; // installed as a package: npm has done it
  once(
    'packages',
    digestOf('package-lock.json'),
    () => existsSync(join(root, 'node_modules')),
    () => {
      say('installing packages (once)');
      // No package here needs an install script: better-sqlite3 carries its binaries.
      command(
        'npm',
        ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
        'Is the npm registry reachable?',
      );
    },
  );
}

function ensurePage(node) {
  const dist = join(root, 'web', 'dist');
  if (!existsSync(join(root, 'web', 'src'))) return;
  once(
    'page',
    digestOf('web', 'shared', 'package-lock.json'),
    () => existsSync(join(dist, 'index.html')),
    () => {
      say('building the page (after each change to it)');
      rmSync(dist, { recursive: true, force: true });
      command(
        node,
        [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', 'web', '--logLevel', 'warn'],
        'The lines above say where.',
      );
    },
  );
}

/** Fills the cache of compiled code, so that the first process finds it full. */
function ensureCompiled(node) {
  once(
    'compiled',
    digestOf('server', 'shared', 'package-lock.json'),
    () => existsSync(compiled),
    () => {
      rmSync(compiled, { recursive: true, force: true }); // of the code before
      spawnSync(node, [...SERVER_FLAGS, main, '--help'], { cwd: root, stdio: 'ignore' });
    },
  );
}

/** What the tests start for real. A missing package is not fatal: its tests then say so and skip. */
function ensureTestPackages() {
  const has = (name) =>
    spawnSync('dpkg-query', ['-W', '-f=${Status}', name], { encoding: 'utf8' }).stdout?.includes(
      'install ok installed',
    );
  if (spawnSync('dpkg-query', ['--version']).error) return;
  const missing = TEST_PACKAGES.filter((name) => !has(name));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0)
    return say(`not root: tests that need ${missing.join(', ')} are skipped (apt-get install them to run all)`);
  say(`installing for the tests: ${missing.join(' ')} (once)`);
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy); // packages must not start their services here
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const apt = (...args) =>
      spawnSync('apt-get', args, {
        stdio: ['ignore', 'ignore', 2],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      }).status === 0;
    apt('update', '-q');
    if (!apt('install', '-q', '-y', '--no-install-recommends', ...missing))
      say('apt-get could not install them all: some tests will skip');
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
}

/** Parent of a process; undefined when it is gone, or cannot be told. */
function parentOf(pid) {
  try {
    // 4711 (comm, maybe with blanks and brackets) S 4710 …
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')[1]);
  } catch {
    const found = existsSync('/proc/self')
      ? undefined
      : spawnSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
    return Number(found) || undefined;
  }
}

function isShell(pid) {
  try {
    return /^(ba|da|a|z|k)?sh$|^busybox$/.test(readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
  } catch {
    return /(^|[/-])(ba|da|z|k)?sh$/.test(
      spawnSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() ?? '',
    );
  }
}

/**
 * npm runs scripts in a shell, and of both only the shell hears of a signal that npm is sent; nobody does when npm is killed. So when either is
 * gone, so are we: a server that is left behind keeps its port and its database. Who is started without npm watches nobody.
 */
const startedBy =
  process.env.npm_lifecycle_event === undefined
    ? []
    : [process.ppid, ...(isShell(process.ppid) ? [parentOf(process.ppid)] : [])];
const WATCH_MS = 500;

function isLeftBehind() {
  const [parent, npm] = startedBy;
  if (parent === undefined) return false;
  return (
    process.ppid !== parent ||
    (npm !== undefined && (existsSync('/proc/self') ? parentOf(parent) !== npm : !isAlive(npm)))
  );
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Runs to the end with our streams, passes signals on, ends with its exit code. `tied`: it stops when we are gone, however we went. */
function become(node, args, { cwd = root, tied = false } = {}) {
  if (isLeftBehind()) process.exit(1);
  const child = spawn(node, args, { cwd, stdio: ['inherit', 'inherit', 'inherit', ...(tied ? ['ipc'] : [])] });
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
    // A terminal sends Ctrl-C to the child as well.
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  const watching = setInterval(() => {
    if (!isLeftBehind()) return;
    clearInterval(watching);
    child.kill('SIGTERM');
  }, WATCH_MS);
  child.on('exit', (code, signal) => {
    clearInterval(watching);
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
  return child;
}

const main = join(root, 'server', 'main.ts');
const prettier = join(root, 'node_modules', 'prettier', 'bin', 'prettier.cjs');
/** Where the command was typed: npm moves to the package's root, but file names mean this folder. */
const typedIn = process.env.INIT_CWD ?? process.cwd();
const [what, ...args] = process.argv.slice(2);

ensurePackages();
const node = ensureNode();

switch (what) {
  case 'start':
    ensurePage(node);
    ensureCompiled(node);
    become(node, [...SERVER_FLAGS, main, 'serve', ...args], { cwd: typedIn, tied: true });
    break;
  case 'run':
    become(node, [main, ...args], { cwd: typedIn, tied: true });
    break;
  case 'exec':
    ensureCompiled(node);
    become(node, args);
    break;
  case 'dev': {
    const server = become(node, [
      '--watch-path=server',
      '--watch-path=shared',
      '--watch-preserve-output',
      main,
      'serve',
      ...args,
    ]);
    const page = spawn(node, [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'web'], {
      cwd: root,
      stdio: 'inherit',
    });
    server.on('exit', () => page.kill());
    page.on('exit', () => server.kill());
    break;
  }
  case 'format': {
    // From the root, where .prettierignore is; with nothing named, all of it.
    const named = args.map((arg) => (arg.startsWith('-') ? arg : resolve(typedIn, arg)));
    if (named.every((arg) => arg.startsWith('-'))) named.push('.');
    const isCheck = args.includes('--check');
    become(node, [prettier, '--log-level=warn', ...(isCheck ? [] : ['--write']), ...named]);
    break;
  }
  case 'check':
  case 'test': {
    say('checking the formatting');
    const kept = ['--cache', `--cache-location=${join(cache, 'prettier')}`]; // what was well formatted then is not read again
    command(node, [prettier, '--check', '--log-level=warn', ...kept, '.'], '`npm run format` formats them.');
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const svelteCheck = join(root, 'node_modules', 'svelte-check', 'bin', 'svelte-check');
    say('checking types');
    for (const project of ['shared', 'server', 'test'])
      command(node, [tsc, '-p', project], 'The lines above say where.');
    command(
      node,
      [svelteCheck, '--workspace', 'web', '--tsconfig', 'tsconfig.json', '--output', 'human', '--fail-on-warnings'],
      'The lines above say where.',
    );
    const oxlint = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint');
    once(
      'lint',
      digestOf('server', 'shared', 'test', 'web', '.oxlintrc.json', 'tsconfig.base.json', 'package-lock.json'),
      () => true,
      () => {
        say('linting');
        command(node, [oxlint, '--type-aware', '--deny-warnings'], 'The lines above say where.');
      },
    );
    if (what === 'check') break;
    ensurePage(node);
    ensureTestPackages();
    say('running the tests');
    become(node, ['--test', '--test-timeout=600000', ...(args.length ? args : ['test/**/*.test.ts'])]);
    break;
  }
  default:
    fail(
      `unknown step '${what}'. Use the npm scripts: npm start, npm test, npm run dev, npm run -s fivealarm -- --help`,
    );
}
