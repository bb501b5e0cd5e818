// `fivealarm explain`: ranked causes with evidence for the lines of a log, without a server.
import { parseArgs } from 'node:util';
import { parseTime } from '#shared/time-range.ts';
import { count, plural } from '#shared/numbers.ts';
import { diagnose } from '../core/diagnose/evidence.ts';
import { Observation } from '../core/diagnose/observation.ts';
import { byHurt, worstCode } from '../core/diagnose/worst-code.ts';
import { UsageError, type Command, type Io } from './command.ts';
import { diagnosisText } from './diagnosis-text.ts';
import { eachHit, readerOf, type Reading } from './hits-of-file.ts';
import { complain } from './terminal.ts';
import { fileError } from './file-error.ts';

export const command = {
  name: 'explain',
  summary: 'say who failed, with evidence, from the lines of a log',
  usage: `explain FILE|- [--format F] [--code 502] [--from T] [--to T] [--json]

  FILE          an access log, gzip or not; - reads standard input
  --format F    auto (default), the name of a format, or the text of an nginx log_format, an Apache LogFormat or a GoAccess log-format
  --code N      the status code to explain; without it the one that hurts most
  --from, --to  only lines of this time: 2026-11-22T22:17, now-15m, or seconds since 1970
  --json        one JSON object instead of text`,

  async run(argv: string[], io: Io): Promise<number> {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        format: { type: 'string', default: 'auto' },
        code: { type: 'string' },
        from: { type: 'string' },
        to: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    if (positionals.length !== 1) throw new UsageError('explain wants one FILE, or - for standard input');
    const wanted = codeOf(values.code);
    const from = timeOf('from', values.from, io) ?? -Infinity,
      to = timeOf('to', values.to, io) ?? Infinity;
    const reader = readerOf(values.format);
    const [file] = positionals;
    const observation = new Observation();
    let reading: Reading;
    try {
      // Without a time a line belongs to any.
      reading = await eachHit(file, reader, io, (hit) => {
        if (!(hit.ts < from || hit.ts > to)) observation.add(hit);
      });
    } catch (error) {
      complain(io, `cannot read ${file}: ${fileError(error)}`);
      return 1;
    }
    if (observation.total === 0) {
      complain(
        io,
        `no access record could be read from ${file}${reading.reason ? ` (${plural(reading.lines, 'line')}; the first: ${reading.reason})` : reading.lines === 0 ? ' (it is empty)' : ' (it holds no lines of that time)'}.`,
      );
      return 1;
    }
    if (reading.rejected > 0)
      complain(
        io,
        `${count(reading.rejected)} of ${count(reading.lines)} lines were not read; the first: ${reading.reason}. \`fivealarm parse\` shows which.`,
      );
    const code = wanted ?? worstCode(observation.codes());
    if (code === undefined) {
      io.stdout.write(
        values.json
          ? `${JSON.stringify({ code: null, total: observation.total, hits: 0, causes: [], where: [], next: [] })}\n`
          : `All ${count(observation.total)} exchanges are fine: no code shows a fault.\n`,
      );
      return 0;
    }
    const observed = { ...observation.observed(code), ingress: reader.format === 'ingress-nginx' };
    const diagnosis = diagnose(observed);
    io.stdout.write(
      values.json
        ? `${JSON.stringify(diagnosis)}\n`
        : diagnosisText(
            diagnosis,
            observed,
            byHurt(observation.codes()).filter((other) => other.code !== code),
          ),
    );
    return 0;
  },
} as const satisfies Command;

function codeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,3}$/.test(text)) throw new UsageError(`--code wants a status code, 0 to 999, not "${text}"`);
  return Number(text);
}

function timeOf(name: string, text: string | undefined, io: Io): number | undefined {
  if (text === undefined) return undefined;
  const time = parseTime(text, io.now());
  if (time === undefined)
    throw new UsageError(`--${name} wants a time such as 2026-11-22T22:17 or now-15m, not "${text}"`);
  return time;
}
