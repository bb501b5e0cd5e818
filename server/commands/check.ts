// `fivealarm check`: the contract check over logs, and a lint of our configuration and of the proxy's log formats.
import { count, plural } from '#shared/numbers.ts';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CONFIG_FILE, ConfigError, readConfig, type Config } from '../config.ts';
import { Contract, type SourceFinding } from '../core/contract/contract.ts';
import { lintConfiguration, lintNginxFormat, type FormatAdvice } from '../core/contract/log-format-lint.ts';
import { utc } from '../core/words.ts';
import { FormatError, openLineReader } from '../formats/line-reader.ts';
import { UsageError, type Command, type Io } from './command.ts';
import { eachHit, readerOf } from './hits-of-file.ts';
import { onOneLine } from './terminal.ts';
import { fileError } from './file-error.ts';

/** A configuration is read whole; anything larger is a log. */
const CONFIG_BYTES_MAX = 4 * 1024 * 1024;
/** Of the log's own time. */
const JUDGED_EVERY_MS = 5 * 60_000;

export const command = {
  name: 'check',
  summary: 'find status codes used against their meaning, and log formats that cannot tell who failed',
  usage: `check FILE… [--format F] [--json]
       fivealarm check [--config FILE] [--json]

  FILE          access logs (gzip or not, - for standard input): what the traffic says about the use of status codes;
                or nginx.conf, haproxy.cfg, httpd.conf: whether their log formats can tell who failed
  --format F    how to read the logs: auto (default), a format's name, or a log_format
  --config FILE our own configuration (${CONFIG_FILE} if it exists): every problem at once
  --json        one JSON object instead of text`,

  async run(argv: string[], io: Io): Promise<number> {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        format: { type: 'string', default: 'auto' },
        json: { type: 'boolean', default: false },
      },
    });
    if (positionals.length === 0 && values.config === undefined && !existsSync(CONFIG_FILE))
      throw new UsageError(`check wants a FILE, or --config FILE (there is no ${CONFIG_FILE} here)`);
    const report: Report = { problems: [], advice: [], findings: [], lines: 0, hits: 0, untimed: 0 };
    if (values.config !== undefined || positionals.length === 0) checkConfig(values.config, io, report);
    for (const file of positionals) {
      const configuration = configurationIn(file);
      if (configuration?.length === 0)
        report.advice.push({
          what: file,
          line: 1,
          missing: [],
          says: `${file} holds no log format: what is logged is set elsewhere.`,
          paste: '',
        });
      else if (configuration) report.advice.push(...configuration);
      else await checkLog(file, values.format, io, report);
    }
    io.stdout.write(values.json ? `${JSON.stringify(asJson(report))}\n` : asText(report, positionals.length > 0));
    return report.problems.length > 0 ? 1 : 0;
  },
} as const satisfies Command;

interface Report {
  /** What is wrong with our configuration, or with reading a file. */
  problems: string[];
  advice: FormatAdvice[];
  findings: SourceFinding[];
  lines: number;
  hits: number;
  /** Without a time that is read. */
  untimed: number;
}

function checkConfig(path: string | undefined, io: Io, report: Report): void {
  // An nginx.conf given here is meant all the same.
  const proxy = path === undefined ? undefined : configurationIn(path);
  if (proxy) {
    report.advice.push(...proxy);
    return;
  }
  let config: Config;
  try {
    config = readConfig(path === undefined ? [] : ['--config', path], io.env, (file) =>
      existsSync(file) ? readFileSync(file, 'utf8') : undefined,
    );
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    report.problems.push(...error.problems);
    return;
  }
  for (const [source, { format }] of Object.entries(config.sources)) {
    if (format === undefined) continue;
    try {
      openLineReader(format);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      report.problems.push(`sources.${source}.format: ${error.message}`);
      continue;
    }
    if (format.includes('$')) report.advice.push(lintNginxFormat(format, `the format of source ${source}`));
  }
}

/** What is to be said about its log formats, if the file is a proxy's configuration. */
function configurationIn(file: string): FormatAdvice[] | undefined {
  if (file === '-' || !existsSync(file) || statSync(file).isDirectory()) return undefined;
  const bytes = readFileSync(file).subarray(0, CONFIG_BYTES_MAX);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return undefined;
  const text = bytes.toString('utf8');
  // A log line starts with an address, a time or a brace; a configuration has directives at the start of lines.
  if (
    !/^[ \t]*(log_format|access_log|server\s*\{|http\s*\{|events\s*\{|frontend\s|backend\s|defaults\b|LogFormat\s|<VirtualHost)/m.test(
      text,
    )
  )
    return undefined;
  return lintConfiguration(text);
}

async function checkLog(file: string, format: string, io: Io, report: Report): Promise<void> {
  const contract = new Contract();
  const reader = readerOf(format);
  const passed = new Map<string, SourceFinding>();
  let hits = 0,
    last = 0,
    judgedAt = NaN;
  try {
    const reading = await eachHit(file, reader, io, (hit) => {
      hits++;
      if (hit.ts >= 0) last = hit.ts;
      else report.untimed++;
      contract.see(file, hit, last);
      if (last - judgedAt < JUDGED_EVERY_MS) return;
      if (!Number.isNaN(judgedAt))
        for (const finding of contract.found()) if (finding.check.passes) keepLarger(passed, finding);
      judgedAt = last;
    });
    report.lines += reading.lines;
    if (hits === 0)
      report.problems.push(
        `${file}: no access record could be read${reading.reason === undefined ? ': it is empty' : ` (the first line: ${reading.reason})`}`,
      );
  } catch (error) {
    report.problems.push(`${file}: ${fileError(error)}`);
  }
  report.hits += hits;
  const final = contract.found();
  for (const finding of final) if (finding.check.passes) keepLarger(passed, finding);
  report.findings.push(...final.filter(({ check }) => !check.passes), ...passed.values());
}

/** Of what was found again and again, the time when it was at its worst. */
function keepLarger(findings: Map<string, SourceFinding>, finding: SourceFinding): void {
  const key = `${finding.check.id} ${finding.subject}`;
  if (finding.hits > (findings.get(key)?.hits ?? 0)) findings.set(key, finding);
}

function asJson({ problems, advice, findings, hits, untimed }: Report): object {
  return {
    problems,
    advice,
    hits,
    untimed,
    findings: findings.map(({ check, source, subject, title, evidence, codes, hits: n, firstAt, lastAt }) => ({
      check: check.id,
      level: check.level,
      source,
      subject,
      title,
      evidence,
      codes,
      hits: n,
      firstAt,
      lastAt,
      rule: check.rule,
      fix: check.fix,
    })),
  };
}

function asText({ problems, advice, findings, lines, hits, untimed }: Report, logs: boolean): string {
  const out = problems.map((p) => `✕ ${p}`);
  for (const a of advice) {
    out.push(`${a.missing.length > 0 ? '!' : '✓'} line ${a.line}: ${a.says}`);
    if (a.paste) out.push('', ...a.paste.split('\n').map((l) => `    ${l}`), '');
  }
  if (untimed > 0)
    out.push(
      `! no time is read from ${untimed === hits ? (hits === 1 ? 'the request' : 'any of the requests') : `${count(untimed)} of ${plural(hits, 'request')}`}: the server counts such lines at arrival. Log a time, or give the format with --format.`,
    );
  for (const f of findings) {
    out.push(
      '',
      `${f.check.level === 'problem' ? '!' : '·'} ${f.title}`,
      `  ${f.source}, ${plural(f.hits, 'hit')}${f.firstAt > 0 ? `, ${utc(f.firstAt)} to ${utc(f.lastAt)} UTC` : ''}`,
    );
    out.push(...f.evidence.map((e) => `  - ${e}`), `  Rule: ${f.check.rule}`, `  Fix:  ${f.check.fix}`);
  }
  if (logs && findings.length === 0 && hits > 0)
    out.push(`✓ nothing found in ${plural(hits, 'exchange')} (${plural(lines, 'line')})`);
  if (out.length === 0) out.push('✓ nothing to say');
  return `${out.map(onOneLine).join('\n').replace(/^\n/, '')}\n`;
}
