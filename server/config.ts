// Everything that can be set: one schema gives the type, the defaults, the validation, the flags and environment names,
// `--help` and the README's table. What is unknown is an error, so that a misspelt key is never mistaken for a setting.
import { parseArgs } from 'node:util';
import { Type, type Static, type TProperties, type TSchema } from 'typebox';
import { Errors } from 'typebox/value';
import { RuleSpec } from '#shared/api.ts';
import { ROUTE_LENGTH_MAX, ROUTE_PATTERN, ROUTES_MAX } from './core/count/route-patterns.ts';
import { problemOf } from './core/rules/rules.ts';
import { nearest } from './nearest-name.ts';

/** How a setting is given other than in the config file. */
interface Given {
  /** Takes several values: a repeated flag, or a comma-separated variable. */
  list?: true;
  /** Never shown; may come from a file named by FIVEALARM_…_FILE. */
  secret?: true;
  /** Only in the config file: a flag cannot express it. */
  fileOnly?: true;
  /** What stands for the value in help. */
  takes?: string;
}

const set = <T extends TSchema>(schema: T, given: Given = {}): T & { given: Given } => Object.assign(schema, { given });
const text = (description: string, options: Record<string, unknown>, given?: Given) =>
  set(Type.String({ description, ...options }), given);
const number = (description: string, options: Record<string, unknown>, given?: Given) =>
  set(Type.Integer({ description, ...options }), { takes: 'N', ...given });
const flag = (description: string) => set(Type.Boolean({ description, default: false }));
const list = (description: string, given: Given) =>
  set(Type.Array(Type.String({ minLength: 1 }), { description, default: [] }), { list: true, ...given });
const duration = (description: string, standard: string) =>
  text(description, { default: standard, pattern: '^[1-9][0-9]*[smhd]$' }, { takes: '30m' });

/** 512MiB, 1GiB, 67108864 */
const SIZE = /^[1-9][0-9]{0,14}([KMG]i?B?|B)?$/;

/** As `?sourceKey=` takes it. */
const SOURCE_KEY = { minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]*$' };

const settings = {
  host: text(
    'Address to listen on. Anything but loopback needs trustNetwork.',
    { default: '127.0.0.1', minLength: 1 },
    { takes: 'ADDRESS' },
  ),
  port: number('Port of the dashboard, the API and the HTTP receivers.', { default: 5500, minimum: 0, maximum: 65535 }),
  dataDir: text('Directory of the database.', { default: 'data', minLength: 1 }, { takes: 'DIRECTORY' }),
  trustNetwork: flag(
    'Listen beyond this machine without a login: everyone who reaches the port reads and changes everything. Only for networks that you trust completely.',
  ),
  hosts: list("Further Host names of the dashboard, such as a reverse proxy's.", { takes: 'NAME' }),
  ingestTokens: list(
    'When set, data is accepted only with one of these tokens. Two at once let you rotate without losing data.',
    { takes: 'TOKEN', secret: true },
  ),
  tail: list('Log files to follow, as PATH or SOURCE=PATH.', { takes: 'FILE' }),
  syslog: text(
    'Receive syslog over UDP and TCP on this port or address:port; empty is off. 5514 is a good choice.',
    { default: '', pattern: '^(|(.*:)?[0-9]{1,5})$' },
    { takes: 'PORT' },
  ),
  sources: set(
    Type.Record(
      Type.String({ minLength: 1, maxLength: 120 }),
      Type.Object(
        {
          format: Type.Optional(
            Type.String({
              minLength: 1,
              description: 'a format\'s name, "auto", or an nginx log_format, Apache LogFormat or GoAccess string',
            }),
          ),
          sourceKey: Type.Optional(
            Type.String({
              ...SOURCE_KEY,
              description: 'the key of its records that names the source of each; or "none"',
            }),
          ),
        },
        { additionalProperties: false },
      ),
      { description: 'Per source: {"shop": {"format": "…", "sourceKey": "…"}}.', default: {} },
    ),
    { fileOnly: true },
  ),
  sourceKey: text(
    'Key of records that names the source of each, such as kubernetes.container_name. Without it, records name their service only where nothing else names a source. none: never.',
    { default: '', maxLength: SOURCE_KEY.maxLength, pattern: SOURCE_KEY.pattern },
    { takes: 'KEY' },
  ),
  rules: set(
    Type.Array(RuleSpec, {
      description: 'Rules in addition to the built-in detector, in the form of POST /api/rules.',
      default: [],
    }),
    { fileOnly: true },
  ),
  routes: set(
    Type.Array(Type.String({ minLength: 1, maxLength: ROUTE_LENGTH_MAX, pattern: ROUTE_PATTERN.source }), {
      description:
        'Route patterns for paths that vary, such as /shop/{product}/reviews or /files/*; others are detected.',
      default: [],
      maxItems: ROUTES_MAX,
    }),
    { list: true, takes: 'ROUTE' },
  ),
  maxBodyMiB: number('Largest decoded request body.', { default: 64, minimum: 1, maximum: 1024 }),
  maxSources: number('Maximum number of sources; lines from further sources are counted under "other".', {
    default: 1000,
    minimum: 1,
    maximum: 1023,
  }),
  maxWal: text(
    "Maximum size of the database's write-ahead log while another process reads the database; past it, lines get a 503.",
    { default: '1GiB', pattern: SIZE.source },
    { takes: 'SIZE' },
  ),
  keep10s: duration('How long counts at 10 seconds are kept; failures, 2 days at most.', '2d'),
  keep1m: duration('How long counts at 1 minute are kept; all else, 15 days at most.', '35d'),
  keep1h: duration('How long counts and breakdowns at 1 hour are kept.', '400d'),
  maskAddresses: flag(
    'Shorten client addresses in the sample lines of incidents. Query strings, tokens and credentials are always removed.',
  ),
  logLevel: set(
    Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      description: 'What the server logs, as JSON lines on stderr.',
      default: 'info',
    }),
    { takes: 'LEVEL' },
  ),
  demo: flag('Run labelled sample traffic with incidents in it, in a separate data directory.'),
} satisfies TProperties;

const ConfigSchema = Type.Object(settings, { additionalProperties: false });
export type Config = Static<typeof ConfigSchema>;

/** The config file that is read when none is named. */
export const CONFIG_FILE = 'fivealarm.json';

/** One or more settings are wrong; `problems` has a sentence each. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

interface Setting {
  key: keyof Config;
  schema: TSchema & { description: string; default: unknown; type?: string };
  given: Given;
  /** `--data-dir` */
  flag: string;
  /** `FIVEALARM_DATA_DIR` */
  variable: string;
}

const all: Setting[] = Object.entries(settings).map(([key, schema]) => {
  const words = key.replace(/[A-Z]|(?<=[a-z])\d+\w*/g, (word) => `-${word.toLowerCase()}`).replace('mi-b', 'mib');
  return {
    key: key as keyof Config,
    schema: schema as unknown as Setting['schema'],
    given: schema.given,
    flag: words,
    variable: `FIVEALARM_${words.replaceAll('-', '_').toUpperCase()}`,
  };
});

/** Variables of Fivealarm that are not settings. */
const OTHER_VARIABLES = new Set(['FIVEALARM_CONFIG']);

/** The `options` of node:util's parseArgs. */
const flagOptions = Object.fromEntries([
  ...all
    .filter((s) => !s.given.fileOnly && !s.given.secret)
    .map(
      (s) =>
        [
          s.flag,
          { type: s.schema.type === 'boolean' ? 'boolean' : 'string', multiple: s.given.list ?? false },
        ] as const,
    ),
  ['config', { type: 'string', multiple: false }] as const,
]) as Record<string, { type: 'boolean' | 'string'; multiple: boolean }>;

/**
 * Flags win over variables, variables over the file, the file over the defaults. Throws ConfigError with every problem at
 * once; parseArgs' own errors for unknown flags. `read` gives a file's text, or undefined when it does not exist.
 */
export function readConfig(
  argv: string[],
  env: Readonly<Record<string, string | undefined>>,
  read: (path: string) => string | undefined,
): Config {
  const { values: flags } = parseArgs({ args: argv, options: flagOptions, strict: true, allowNegative: true });
  const problems: string[] = [];
  const config: Record<string, unknown> = {};
  for (const s of all) config[s.key] = structuredClone(s.schema.default);

  const named = (flags.config as string | undefined) ?? env.FIVEALARM_CONFIG;
  Object.assign(config, fromFile(named, read, problems));
  for (const [key, value] of fromVariables(env, read, problems)) config[key] = value;
  for (const s of all) {
    const value = flags[s.flag];
    if (value !== undefined) config[s.key] = convert(s, value as string | string[] | boolean, `--${s.flag}`, problems);
  }
  for (const error of Errors(ConfigSchema, config)) {
    const [key = ''] = error.instancePath.split('/').slice(1);
    if (error.keyword === 'boolean') continue; // said again, better, by additionalProperties
    const setting = all.find((s) => s.key === key);
    const value = setting?.given.secret ? 'the given value' : JSON.stringify(config[key]);
    problems.push(`${error.instancePath.slice(1).replaceAll('/', '.')}: ${error.message}; it is ${value}`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  for (const [i, rule] of (config as Config).rules.entries()) {
    const problem = problemOf(rule);
    if (problem !== undefined) problems.push(`rules.${i}: ${problem}`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return config as Config;
}

function fromFile(
  named: string | undefined,
  read: (path: string) => string | undefined,
  problems: string[],
): Record<string, unknown> {
  const path = named ?? CONFIG_FILE;
  const raw = read(path);
  if (raw === undefined) {
    if (named !== undefined) problems.push(`${path}: there is no such file`);
    return {};
  }
  let file: unknown;
  try {
    file = JSON.parse(raw);
  } catch (error) {
    problems.push(`${path}: not JSON: ${(error as Error).message}`);
    return {};
  }
  if (typeof file !== 'object' || file === null || Array.isArray(file)) {
    problems.push(`${path}: must hold one JSON object`);
    return {};
  }
  for (const key of Object.keys(file)) {
    if (!Object.hasOwn(settings, key))
      problems.push(
        `${path}: there is no setting "${key}"${nearest(
          key,
          all.map((s) => s.key),
        )}`,
      );
  }
  return Object.fromEntries(Object.entries(file).filter(([key]) => Object.hasOwn(settings, key)));
}

function* fromVariables(
  env: Readonly<Record<string, string | undefined>>,
  read: (path: string) => string | undefined,
  problems: string[],
): Generator<[string, unknown]> {
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('FIVEALARM_') || value === undefined || OTHER_VARIABLES.has(name)) continue;
    const plain = all.find((s) => s.variable === name && !s.given.fileOnly);
    const filed = all.find((s) => `${s.variable}_FILE` === name && s.given.secret);
    if (plain) yield [plain.key, convert(plain, value, name, problems)];
    else if (filed) {
      const secret = read(value);
      if (secret === undefined) problems.push(`${name}: there is no file ${value}`);
      else yield [filed.key, convert(filed, secret.trim().replace(/\r?\n/g, ','), name, problems)];
    } else
      problems.push(
        `${name}: there is no such setting${nearest(
          name,
          all.map((s) => s.variable),
        )}`,
      );
  }
}

/** Text as it came from a flag or variable → the setting's type; the schema rejects what does not convert. */
function convert(s: Setting, value: string | string[] | boolean, where: string, problems: string[]): unknown {
  if (s.given.list)
    return Array.isArray(value)
      ? value
      : String(value)
          .split(',')
          .map((v) => v.trim())
          .filter((v) => v !== '');
  if (typeof value !== 'string') return value;
  if (s.schema.type === 'integer') {
    if (!/^-?\d+$/.test(value.trim())) problems.push(`${where}: takes a number, not "${value}"`);
    return Number.isInteger(Number(value)) ? Number(value) : s.schema.default;
  }
  if (s.schema.type === 'boolean') {
    if (/^(true|1|yes|on)$/i.test(value)) return true;
    if (!/^(false|0|no|off|)$/i.test(value)) problems.push(`${where}: takes true or false, not "${value}"`);
    return false;
  }
  return value;
}

/** `36h` → ms. */
export function durationMs(duration: string): number {
  const unit = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[duration.at(-1) as 's' | 'm' | 'h' | 'd'];
  return Number(duration.slice(0, -1)) * unit;
}

/** `512MiB` → bytes. */
export function sizeBytes(size: string): number {
  return parseInt(size, 10) * 1024 ** ('KMG'.indexOf(/[KMG]/.exec(size)?.[0] ?? ' ') + 1);
}

/** Is this address one that only this machine reaches? */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);

/** The options part of `serve --help`. */
export function configHelp(): string {
  const rows = all
    .filter((s) => !s.given.fileOnly && !s.given.secret)
    .map((s) => {
      const name = `--${s.flag}${s.schema.type === 'boolean' ? '' : ` ${s.given.takes}`}`;
      const standard =
        s.schema.type === 'boolean' || s.given.list || s.schema.default === '' ? '' : ` (${String(s.schema.default)})`;
      return `  ${name.padEnd(24)}${s.schema.description}${standard}${s.given.list ? ' Repeatable.' : ''}`;
    });
  return [`  ${'--config FILE'.padEnd(24)}JSON file of settings (${CONFIG_FILE} when it is there).`, ...rows].join(
    '\n',
  );
}

/** The README's table of settings. */
export function configTable(): string {
  const rows = all.map((s) => {
    const flagCell = s.given.fileOnly || s.given.secret ? '' : `\`--${s.flag}\``;
    const variable = s.given.fileOnly ? '' : `\`${s.variable}\`${s.given.secret ? ` or \`${s.variable}_FILE\`` : ''}`;
    return `| \`${s.key}\` | ${flagCell} | ${variable} | \`${JSON.stringify(s.schema.default)}\` | ${s.schema.description.replaceAll('|', '\\|')} |`;
  });
  return [
    '| key in fivealarm.json | flag | variable | default | what it does |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
