// OTLP log records. One with a status code among its attributes (or in a structured body) is a hit; one whose body is text is a
// line like any other; what remains is an application's log, which says nothing of exchanges.
import { OTHER_STAGES, skipped } from '../formats/misses.ts';
import type { Miss } from '../formats/format.ts';
import type { Batch } from './batch.ts';
import { sourceOf as sourceOfPath } from './log-path.ts';
import { fillFromRecord, firstText, sourceOf } from './otlp-hit.ts';
import { cleanSource } from './source-name.ts';
import { logsOf, TOO_LARGE, type Attributes, type LogRecord, type Value } from './otlp-message.ts';

const OVERSIZE = skipped('otlp-log-too-long', 'OTLP log record over 256 KiB');
const NO_STATUS = skipped('otlp-log-without-status', 'OTLP log record without a status code');

/** Counts the records of a request. Tells whether each had a time, so that the same bytes are the same records. */
export async function countLogs(request: Parameters<typeof logsOf>[0], batch: Batch): Promise<boolean> {
  let timed = true;
  for await (const { attributes, items } of logsOf(request)) {
    const source = sourceOf(attributes, batch);
    for await (const record of items()) {
      if (record === TOO_LARGE) {
        batch.miss(OVERSIZE, '', { source });
        continue;
      }
      if (!(record.time > 0 || record.observed > 0)) timed = false;
      countRecord(record, batch.named(record.attributes) ?? source ?? fileSource(record.attributes), batch);
    }
  }
  return timed;
}

function countRecord(record: LogRecord, source: string | undefined, batch: Batch): void {
  const at = { source, ts: record.time >= 0 ? record.time : record.observed };
  const { hit } = batch;
  let why: Miss | undefined;
  for (const fields of [record.attributes, record.body]) {
    if (!(fields instanceof Map) || fields.size === 0) continue;
    const miss = fillFromRecord(hit, fields, record.scope);
    if (miss !== undefined) {
      // The source may be told to count them: then its format says how.
      if (OTHER_STAGES.has(miss)) return batch.text(show(fields), at);
      if (miss.kind === 'skipped') why ??= miss;
      continue;
    }
    if (!(hit.ts >= 0)) hit.ts = record.time;
    return batch.add({ ...at, source: batch.named(fields) ?? source });
  }
  const line = why === undefined ? lineOf(record) : undefined;
  if (line === undefined) batch.miss(why ?? NO_STATUS, show(record.body), at);
  else batch.text(line, at);
}

/** The raw line: the body, or the attribute that some pipelines leave it in. A structured body goes as the JSON it was made of. */
function lineOf({ body, attributes }: LogRecord): string | undefined {
  if (typeof body === 'string' && body !== '') return body;
  if (body instanceof Map && body.size > 0) return show(body);
  return firstText(attributes, ['log.record.original', 'message', 'log', 'event.original']);
}

/** The collector's filelog receiver names the file, not a service. */
function fileSource(attributes: Attributes): string | undefined {
  const path = firstText(attributes, ['log.file.path', 'log.file.name']);
  return path === undefined ? undefined : cleanSource(sourceOfPath(path));
}

const show = (value: Value): string =>
  typeof value === 'string'
    ? value
    : (JSON.stringify(value, (_, v: unknown) =>
        v instanceof Map ? Object.fromEntries(v as Map<string, unknown>) : v,
      ) ?? '');
