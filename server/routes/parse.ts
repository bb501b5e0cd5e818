// Reading lines on trial, for the Setup page: what each line gives, field by field and where it was found. Nothing is counted.
import { ParseAnswer, ParseRequest, type ParsedLine } from '#shared/api.ts';
import { classOf } from '#shared/status.ts';
import { culpritOf } from '#shared/causes/index.ts';
import { causeOfExchange } from '../core/cause.ts';
import { exchangeOf } from '../core/exchange.ts';
import { FIELDS, Hit } from '../core/hit.ts';
import type { Miss } from '../formats/format.ts';
import { FormatError, openLineReader, type LineReader } from '../formats/line-reader.ts';
import type { Api } from './route.ts';

/** 50 lines of 64 KiB, with JSON's escapes. */
const BODY_BYTES_MAX = 8 * 1024 * 1024;

export function registerParse(app: Api): void {
  const hit = new Hit();
  app.post(
    '/api/parse',
    {
      bodyLimit: BODY_BYTES_MAX,
      schema: { summary: 'Parse lines without counting them', body: ParseRequest, response: { 200: ParseAnswer } },
    },
    async (request): Promise<ParseAnswer> => {
      let reader: LineReader;
      try {
        reader = openLineReader(request.body.format);
      } catch (error) {
        if (error instanceof FormatError) return { format: null, error: error.message, lines: [] };
        throw error;
      }
      const lines = request.body.lines.flatMap((line) => parsed(line, reader, hit));
      return { format: reader.format, error: null, lines };
    },
  );
}

function parsed(line: string, reader: LineReader, hit: Hit): ParsedLine[] {
  const bytes = Buffer.from(line);
  const lines = [said(reader.read({ bytes, text: bytes.toString('latin1') }, 0, bytes.length, hit), hit, bytes)];
  while (reader.hasMore) lines.push(said(reader.more(hit), hit, bytes));
  return lines;
}

function said(miss: Miss | undefined, hit: Hit, bytes: Buffer): ParsedLine {
  return miss === undefined
    ? { kind: 'hit', reason: null, fields: fieldsOf(hit, bytes) }
    : { kind: miss.kind, reason: miss.text, fields: [] };
}

function fieldsOf(hit: Hit, bytes: Buffer): ParsedLine['fields'] {
  const fields: ParsedLine['fields'] = [];
  const put = (name: string, value: string | undefined, from: number | null = null, to: number | null = null) => {
    if (value !== undefined && value !== '') fields.push({ name, value, from, to });
  };
  /** Ranges are in bytes, the page counts characters. */
  const characters = (at: number) => bytes.toString('utf8', 0, at).length;
  if (!Number.isNaN(hit.ts)) put('time', new Date(hit.ts).toISOString());
  put('code', String(hit.code).padStart(3, '0'));
  put('class', classOf(hit.code));
  FIELDS.forEach((name, field) => {
    if (!hit.has(field)) return;
    const inLine = hit.bufferOf(field) === hit.bytes && hit.bytes === bytes;
    put(
      name,
      hit.text(field),
      inLine ? characters(hit.startOf(field)) : null,
      inLine ? characters(hit.endOf(field)) : null,
    );
  });
  if (!Number.isNaN(hit.durationMs)) put('duration', `${hit.durationMs} ms`);
  if (!Number.isNaN(hit.size)) put('bytes', String(hit.size));
  const exchange = exchangeOf(hit);
  if (!fields.some(({ name }) => name === 'route')) put('route', exchange.route);
  const cause = causeOfExchange(exchange);
  put('cause', cause?.id);
  put('culprit', cause && culpritOf(cause, exchange));
  return fields;
}
