// LTSV: `time:[…]<TAB>host:192.0.2.7<TAB>status:502`, with the labels of ltsv.org (where `host` is the client) or anybody's own.
import { CLIENT, CONNECT_TIME, HEADER_TIME, HOST, UPSTREAM, UPSTREAM_STATUS } from '../../core/hit.ts';
import { KeyedFormat } from './keyed-format.ts';
import { keys, values } from './line-values.ts';
import type { Chunk, Format, Miss, Reader } from '../format.ts';
import { KeyOrder } from './keys.ts';
import { rejected, TOO_MANY_KEYS } from '../misses.ts';
import { NAMES } from './names.ts';
import { Needle } from '../bytes/scanner.ts';
import { BARE, PLAIN } from './values.ts';
import { ASCII } from '../bytes/ascii.ts';

const { COLON, SPACE, TAB } = ASCII;

const order = new KeyOrder(keys);
const NOT_LABELS = rejected('ltsv-no-labels', 'no label:value columns between tabs');
const LABEL_BYTES_MAX = 80;

const FORWARDED = ['x_forwarded_for', 'http_x_forwarded_for', 'forwarded_for', 'xff'];
const keyed = new KeyedFormat({
  title: 'LTSV',
  proxy: 'unknown',
  isNamed: true,
  durationUnitMs: 1000,
  reads: {
    ...NAMES,
    request: [...NAMES.request!, 'r'],
    host: NAMES.host!.filter((name) => name !== 'host'),
    client: [...NAMES.client!.filter((name) => !FORWARDED.includes(name)), 'host', ...FORWARDED, 'forwardedfor', 'h'],
    userAgent: [...NAMES.userAgent!, 'ua'],
    duration: [
      ...NAMES.duration!.filter((name) => name !== 'reqtime s'),
      'reqtime s',
      'reqtime_microsec us',
      'rt_ms ms',
    ],
  },
  finish(hit, value) {
    // ltsv.org's `host` is the client, unless the client has a label of its own
    if (!hit.has(HOST)) {
      const host = value('host');
      if (host !== undefined && host !== hit.text(CLIENT)) hit.setText(HOST, host);
    }
    if (hit.has(UPSTREAM) || hit.has(UPSTREAM_STATUS) || hit.has(CONNECT_TIME) || hit.has(HEADER_TIME))
      hit.proxy = 'nginx';
  },
});

export const ltsv = {
  name: 'ltsv',
  title: 'LTSV',
  proxy: 'unknown',
  samples: [
    {
      line: 'time:28/Feb/2013:12:00:00 +0900\thost:192.0.2.7\treq:GET /list HTTP/1.1\tstatus:200\tsize:5316\treferer:-\tua:Mozilla/5.0\tvhost:a.example\treqtime:2.5\tapptime:2.4',
      hit: {
        ts: 1362020400000,
        code: 200,
        method: 'GET',
        path: '/list',
        host: 'a.example',
        durationMs: 2500,
        bytes: 5316,
        client: '192.0.2.7',
      },
    },
    {
      line: 'time:2026-01-02T15:04:05+00:00\tremote_addr:192.0.2.7\tmethod:GET\turi:/x\tstatus:502\tupstream_addr:10.0.0.1:80, 10.0.0.2:80\tupstream_status:502, 502\tupstream_connect_time:-, -\trequest_time:0.001',
      hit: {
        ts: 1767366245000,
        code: 502,
        method: 'GET',
        path: '/x',
        upstream: '10.0.0.2:80',
        upstreamStatus: [502, 502],
        durationMs: 1,
        client: '192.0.2.7',
      },
    },
  ],
  open: (): Reader => ({ read }),
} as const satisfies Format;

function read(chunk: Chunk, start: number, end: number, hit: Parameters<Reader['read']>[3]): Miss | undefined {
  if (!scanColumns(chunk, start, end)) return NOT_LABELS;
  const miss = keyed.fillAnyway(chunk, hit);
  return order.isCut && miss?.kind === 'rejected' ? TOO_MANY_KEYS : miss;
}

/** Finds the columns; false when the line does not begin with a label, or has fewer than two. */
function scanColumns(chunk: Chunk, start: number, end: number): boolean {
  values.begin();
  const isRecord = readColumns(chunk, start, end);
  values.done();
  return isRecord;
}

const tab = new Needle('\t');

function readColumns(chunk: Chunk, start: number, end: number): boolean {
  if (tab.find(chunk, start, end) === -1) return false;
  const b = chunk.bytes;
  let columns = 0;
  for (let at = start; at < end;) {
    let label = at;
    while (label < end && label < at + LABEL_BYTES_MAX && b[label] !== COLON && b[label] !== TAB) label++;
    let close = tab.find(chunk, label, end);
    if (close === -1) close = end;
    if (label < end && b[label] === COLON && label > at) {
      const found = order.find(columns++, b, at, label);
      let value = label + 1;
      while (value < close && b[value] === SPACE) value++;
      if (found.id >= 0)
        values.add(b, found.id, value, close, value < close && b[value] >= 48 && b[value] <= 57 ? BARE : PLAIN);
    } else if (columns === 0) return false;
    at = close + 1;
  }
  return columns > 1;
}
