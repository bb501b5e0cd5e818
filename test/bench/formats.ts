// Parse-only speed, a row a format: generated traffic, or for the rarer formats each of its sample lines as a stream of its own, in 1 MiB
// chunks, read in one thread. A measurement is the best of many passes over a chunk, each some milliseconds: short enough that the best was
// not disturbed by neighbours on the machine. A row is a process of its own, as a server of one format is: what V8 learns of one format
// makes the next slower. Ratios are to the best that combined, measured before and after each row, has done so far; of several samples, that
// of the slowest is shown too.
//   npm run bench:formats [PART OF A NAME …]
import { execFileSync } from 'node:child_process';
import { flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Hit } from '../../server/core/hit.ts';
import type { Chunk, Sample } from '../../server/formats/format.ts';
import { formats } from '../../server/formats/index.ts';
import { openLineReader } from '../../server/formats/line-reader.ts';
import { INLINING } from '../../server/ingest.ts';

setFlagsFromString(INLINING); // as the server runs

const CHUNK_BYTES = 1 << 20;
/** Few enough to stay in the cache, as the chunk just received is. */
const CHUNKS = 3;
/** Passes over all chunks: enough for the compiler's thread to be done on a busy machine; fewer for each of many samples. */
const PASSES = 100,
  SAMPLE_PASSES = 30;

interface Stream {
  before?: readonly string[];
  lines: readonly string[];
}

interface Subject {
  name: string;
  format: string;
  streams: readonly Stream[];
  passes: number;
}

/** Generated traffic, or what no format reads. */
const traffic = (name: string, format: string, lines: readonly string[], before?: readonly string[]): Subject => ({
  name,
  format,
  streams: [{ lines, before }],
  passes: PASSES,
});

const AGENT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36';
const MAIN =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';
const TIMED = `${MAIN} rt=$request_time ua="$upstream_addr" us="$upstream_status" ut="$upstream_response_time" uc="$upstream_connect_time" uh="$upstream_header_time"`;
const LINES = 5000;

/** One exchange of generated traffic; what differs from line to line in a real log does here too. */
interface Traffic {
  client: string;
  second: string;
  path: string;
  code: number;
  bytes: number;
  server: number;
}

/** Lines of one writer for the same traffic. */
function written(line: (x: Traffic) => string): string[] {
  return Array.from({ length: LINES }, (_, i) =>
    line({
      client: `203.0.113.${i % 250}`,
      second: String((i >> 7) % 60).padStart(2, '0'),
      path: `/api/items/${(i * 7919) % 100000}?page=${i % 9}`,
      code: i % 50 === 0 ? 502 : i % 9 === 0 ? 304 : 200,
      bytes: (i * 31) % 50000,
      server: 21238 + (i % 3),
    }),
  );
}

const combinedLine = (x: Traffic): string =>
  `${x.client} - - [02/Jan/2026:15:04:${x.second} +0000] "GET ${x.path} HTTP/1.1" ${x.code} ${x.bytes} "https://www.example.com/list" "${AGENT}"`;
const timedLine = (x: Traffic): string =>
  `${combinedLine(x)} rt=0.007 ua="127.0.0.1:${x.server}" us="${x.code}" ut="0.008" uc="0.000" uh="0.008"`;
const haproxyLine = (x: Traffic): string =>
  `${x.client}:5${x.server} [02/Jan/2026:15:04:${x.second}.123] http-in~ app/s${x.server} 0/0/1/109/110 ${x.code} ${x.bytes} - - ---- 120/119/4/2/0 0/0 {www.example.com|${AGENT}} {} "GET ${x.path} HTTP/1.1"`;
const jsonLine = (x: Traffic): string =>
  `{"time":"2026-01-02T15:04:${x.second}+00:00","remote_addr":"${x.client}","host":"www.example.com","request_method":"GET","uri":"${x.path}","protocol":"HTTP/1.1","status":${x.code},"body_bytes_sent":${x.bytes},"request_time":0.007,"upstream_addr":"127.0.0.1:${x.server}","upstream_status":"${x.code}","upstream_response_time":"0.008","http_user_agent":"${AGENT}"}`;
const iisLine = (x: Traffic): string =>
  `2026-01-02 15:04:${x.second} 10.0.0.1 GET ${x.path.replace('?', ' ')} 443 - ${x.client} ${AGENT.replaceAll(' ', '+')} https://www.example.com/list ${x.code} 0 0 109`;
const IIS_FIELDS =
  '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken';
const JSON_FORMAT = `escape=json '{"time":"$time_iso8601","remote_addr":"$remote_addr","host":"$host","request_method":"$request_method","uri":"$request_uri","protocol":"$server_protocol","status":$status,"body_bytes_sent":$body_bytes_sent,"request_time":$request_time,"upstream_addr":"$upstream_addr","upstream_status":"$upstream_status","upstream_response_time":"$upstream_response_time","http_user_agent":"$http_user_agent"}'`;

/** What other programs log into the same stream: none of it is an access record. */
const APPLICATION = [
  '2026-01-02 15:04:05.123  INFO 1 --- [nio-8080-exec-1] c.e.demo.OrderService                    : Order 48213 was accepted for customer 99123, total 23.50 EUR',
  '2026/01/02 15:04:05 [error] 31#31: *1284 connect() failed (111: Connection refused) while connecting to upstream, client: 203.0.113.7, server: example.com, request: "GET /api/items HTTP/1.1", upstream: "http://127.0.0.1:8080/api/items", host: "example.com"',
  'Jan  2 15:04:05 web1 kernel: [12345.678901] IPv4: martian source 10.0.0.1 from 10.0.0.2, on dev eth0',
  '    at com.example.demo.OrderService.accept(OrderService.java:123)',
  '{"time":"2026-01-02T15:04:05.123Z","level":"INFO","msg":"order accepted","order":48213,"customer":99123,"total":23.5}',
  'time="2026-01-02T15:04:05Z" level=info msg="reconciling deployment" controller=deployment namespace=default name=web duration=12.5ms',
];

const ginLine = (x: Traffic): string =>
  `[GIN] 2026/01/02 - 15:04:${x.second} | ${x.code} |    1.${x.second}ms | ${x.client.padStart(15)} | GET      "${x.path}"`;
const morganLine = (x: Traffic): string => `GET ${x.path} ${x.code} 5.1${x.second} ms - ${x.bytes}`;
const chiLine = (x: Traffic): string =>
  `2026/01/02 15:04:${x.second} [web/kT8-000001] "GET http://www.example.com${x.path} HTTP/1.1" from ${x.client}:5${x.server} - ${x.code} ${x.bytes}B in 12.5${x.second}ms`;

function subjects(): Subject[] {
  const rows: Subject[] = [
    traffic('combined', 'combined', written(combinedLine)),
    traffic('combined, detected', 'auto', written(combinedLine)),
    traffic('combined + key=value tail', 'auto', written(timedLine)),
    traffic('log_format main', MAIN, written(combinedLine)),
    traffic('log_format with upstream', TIMED, written(timedLine)),
    traffic('log_format in JSON', JSON_FORMAT, written(jsonLine)),
    traffic('LogFormat combined', '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"', written(combinedLine)),
    traffic('GoAccess COMBINED', '%h %^[%d:%t %^] "%r" %s %b "%R" "%u"', written(combinedLine)),
    traffic('haproxy', 'auto', written(haproxyLine)),
    traffic('w3c', 'auto', written(iisLine), [IIS_FIELDS]),
    traffic('nginx-json', 'auto', written(jsonLine)),
    traffic('Gin', 'auto', written(ginLine)),
    traffic(
      'Gin, Morgan and chi by turns',
      'auto',
      written((x) => [ginLine, morganLine, chiLine][x.server % 3](x)),
    ),
    traffic(
      'combined between others',
      'auto',
      APPLICATION.flatMap((line) => [
        combinedLine({ client: '203.0.113.7', second: '05', path: '/x', code: 200, bytes: 12, server: 21238 }),
        line,
      ]),
    ),
    traffic('no access log at all', 'auto', APPLICATION),
  ];
  const measured = new Set(rows.map(({ name }) => name));
  for (const { name, samples } of formats) {
    const streams = (samples as readonly Sample[]).map(({ before, line }) => ({ before, lines: [line] }));
    if (!measured.has(name))
      rows.push({
        name: `${name} (${streams.length === 1 ? 'sample' : `${streams.length} samples`})`,
        format: name,
        streams,
        passes: SAMPLE_PASSES,
      });
  }
  return rows;
}

function chunksOf(lines: readonly string[]): { chunks: Chunk[]; count: number } {
  const once = Buffer.from(`${lines.join('\n')}\n`);
  const times = Math.max(1, Math.floor(CHUNK_BYTES / once.length));
  const bytes = Buffer.concat(Array.from({ length: times }, () => once));
  const chunks = Array.from({ length: CHUNKS }, () => ({ bytes: Buffer.from(bytes), text: bytes.toString('latin1') }));
  return { chunks, count: lines.length * times };
}

interface Speed {
  lines: number;
  bytes: number;
  ms: number;
  hits: number;
}

function measure(stream: Stream, format: string, passes: number): Speed {
  const { chunks, count } = chunksOf(stream.lines);
  const reader = openLineReader(format);
  const hit = new Hit();
  for (const line of stream.before ?? []) reader.read({ bytes: Buffer.from(line), text: line }, 0, line.length, hit);
  let ms = Infinity,
    hits = 0;
  for (let pass = 0; pass < passes; pass++)
    for (const chunk of chunks) {
      const { length } = chunk.bytes;
      const began = performance.now();
      hits = 0;
      for (let at = 0; at < length;) {
        const end = chunk.text.indexOf('\n', at);
        if (reader.read(chunk, at, end, hit) === undefined) hits++;
        at = end + 1;
      }
      ms = Math.min(ms, performance.now() - began);
    }
  return { lines: count, bytes: chunks[0].bytes.length, ms, hits };
}

interface Row extends Speed {
  /** Of its slowest stream. */
  slowest: number;
  streams: number;
}

function rowOf({ format, streams, passes }: Subject): Row {
  const speeds = streams.map((stream) => measure(stream, format, passes));
  const sum = (of: (speed: Speed) => number): number => speeds.reduce((total, speed) => total + of(speed), 0);
  return {
    lines: sum((speed) => speed.lines),
    bytes: sum((speed) => speed.bytes),
    ms: sum((speed) => speed.ms),
    hits: sum((speed) => speed.hits),
    slowest: Math.min(...speeds.map(({ bytes, ms }) => bytes / ms)),
    streams: streams.length,
  };
}

/** Says that this process measures one row. */
const ROW = '--row=';

function measured(name: string): Row {
  return JSON.parse(
    execFileSync(process.execPath, [fileURLToPath(import.meta.url), `${ROW}${name}`], { encoding: 'utf8' }),
  ) as Row;
}

function print(name: string, row: Row, base: number): void {
  const columns = [
    (row.lines / row.ms / 1e3).toFixed(2).padStart(9),
    (row.bytes / row.ms / 1e3).toFixed(0).padStart(7),
    (row.bytes / row.ms / base).toFixed(2).padStart(11),
    (row.streams === 1 ? '' : (row.slowest / base).toFixed(2)).padStart(8),
    `${((100 * row.hits) / row.lines).toFixed(0)} %`.padStart(5),
  ];
  console.log(`${name.padEnd(28)} ${columns.join(' ')}`);
}

const rows = subjects(),
  [one] = process.argv.slice(2);
if (one?.startsWith(ROW)) {
  console.log(JSON.stringify(rowOf(rows.find(({ name }) => name === one.slice(ROW.length))!)));
} else {
  flushCompileCache(); // for the processes of the rows
  const wanted = process.argv.slice(2);
  console.log(
    `${'format'.padEnd(28)} ${'M lines/s'.padStart(9)} ${'MB/s'.padStart(7)} ${'÷ combined'.padStart(11)} ${'slowest'.padStart(8)} ${'hits'.padStart(5)}`,
  );
  let base = 0;
  const combined = (): Row => {
    const row = measured('combined');
    base = Math.max(base, row.bytes / row.ms);
    return row;
  };
  for (const { name, streams } of rows) {
    if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue;
    combined();
    const row = name === 'combined' ? combined() : measured(name);
    // A neighbour on the machine may be there for all of a process.
    const again = streams.length > 1 ? row : measured(name);
    combined();
    print(name, again.ms < row.ms ? again : row, base);
  }
}
