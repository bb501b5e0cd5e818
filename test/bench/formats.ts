// Parse-only speed, a row a format: generated traffic (or, for the rarer formats, the sample line) in 1 MiB chunks, read in one thread.
// A row is the best of many passes over a chunk, each some milliseconds: short enough that the best was not disturbed by neighbours on
// the machine. Ratios are to combined.
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
/** Passes over all chunks: enough for the compiler's thread to be done on a busy machine. */
const PASSES = 100;

interface Subject {
  name: string;
  format: string;
  before?: readonly string[];
  lines: readonly string[];
}

const AGENT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36';
const MAIN = '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';
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
  return Array.from({ length: LINES }, (_, i) => line({
    client: `203.0.113.${i % 250}`, second: String((i >> 7) % 60).padStart(2, '0'), path: `/api/items/${i * 7919 % 100000}?page=${i % 9}`,
    code: i % 50 === 0 ? 502 : i % 9 === 0 ? 304 : 200, bytes: i * 31 % 50000, server: 21238 + i % 3,
  }));
}

const combinedLine = (x: Traffic): string =>
  `${x.client} - - [02/Jan/2026:15:04:${x.second} +0000] "GET ${x.path} HTTP/1.1" ${x.code} ${x.bytes} "https://www.example.com/list" "${AGENT}"`;
const timedLine = (x: Traffic): string => `${combinedLine(x)} rt=0.007 ua="127.0.0.1:${x.server}" us="${x.code}" ut="0.008" uc="0.000" uh="0.008"`;
const haproxyLine = (x: Traffic): string =>
  `${x.client}:5${x.server} [02/Jan/2026:15:04:${x.second}.123] http-in~ app/s${x.server} 0/0/1/109/110 ${x.code} ${x.bytes} - - ---- 120/119/4/2/0 0/0 {www.example.com|${AGENT}} {} "GET ${x.path} HTTP/1.1"`;
const jsonLine = (x: Traffic): string =>
  `{"time":"2026-01-02T15:04:${x.second}+00:00","remote_addr":"${x.client}","host":"www.example.com","request_method":"GET","uri":"${x.path}","protocol":"HTTP/1.1","status":${x.code},"body_bytes_sent":${x.bytes},"request_time":0.007,"upstream_addr":"127.0.0.1:${x.server}","upstream_status":"${x.code}","upstream_response_time":"0.008","http_user_agent":"${AGENT}"}`;
const iisLine = (x: Traffic): string =>
  `2026-01-02 15:04:${x.second} 10.0.0.1 GET ${x.path.replace('?', ' ')} 443 - ${x.client} ${AGENT.replaceAll(' ', '+')} https://www.example.com/list ${x.code} 0 0 109`;
const IIS_FIELDS = '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken';
const JSON_FORMAT = `escape=json '{"time":"$time_iso8601","remote_addr":"$remote_addr","host":"$host","request_method":"$request_method","uri":"$request_uri","protocol":"$server_protocol","status":$status,"body_bytes_sent":$body_bytes_sent,"request_time":$request_time,"upstream_addr":"$upstream_addr","upstream_status":"$upstream_status","upstream_response_time":"$upstream_response_time","http_user_agent":"$http_user_agent"}'`;

function subjects(): Subject[] {
  const rows: Subject[] = [
    { name: 'combined', format: 'combined', lines: written(combinedLine) },
    { name: 'combined, detected', format: 'auto', lines: written(combinedLine) },
    { name: 'combined + key=value tail', format: 'auto', lines: written(timedLine) },
    { name: 'log_format main', format: MAIN, lines: written(combinedLine) },
    { name: 'log_format with upstream', format: TIMED, lines: written(timedLine) },
    { name: 'log_format in JSON', format: JSON_FORMAT, lines: written(jsonLine) },
    { name: 'LogFormat combined', format: '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"', lines: written(combinedLine) },
    { name: 'GoAccess COMBINED', format: '%h %^[%d:%t %^] "%r" %s %b "%R" "%u"', lines: written(combinedLine) },
    { name: 'haproxy', format: 'auto', lines: written(haproxyLine) },
    { name: 'w3c', format: 'auto', before: [IIS_FIELDS], lines: written(iisLine) },
    { name: 'nginx-json', format: 'auto', lines: written(jsonLine) },
  ];
  const measured = new Set(rows.map(({ name }) => name));
  for (const format of formats) {
    const [sample] = format.samples as readonly Sample[];
    if (!measured.has(format.name)) rows.push({ name: `${format.name} (sample)`, format: format.name, before: sample.before, lines: [sample.line] });
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

function measure(subject: Subject): { linesPerSecond: number; bytesPerSecond: number } {
  const { chunks, count } = chunksOf(subject.lines);
  const reader = openLineReader(subject.format);
  const hit = new Hit();
  for (const line of subject.before ?? []) reader.read({ bytes: Buffer.from(line), text: line }, 0, line.length, hit);
  let best = Infinity, misses = 0;
  for (let pass = 0; pass < PASSES; pass++) for (const chunk of chunks) {
    const { length } = chunk.bytes;
    const began = performance.now();
    for (let at = 0; at < length;) {
      const end = chunk.text.indexOf('\n', at);
      if (reader.read(chunk, at, end, hit) !== undefined) misses++;
      at = end + 1;
    }
    best = Math.min(best, performance.now() - began);
  }
  if (misses > 0) console.error(`${subject.name}: ${misses / PASSES / CHUNKS} of ${count} lines gave no hit`);
  return { linesPerSecond: count / best * 1000, bytesPerSecond: chunks[0].bytes.length / best * 1000 };
}

const wanted = process.argv.slice(2);
console.log(`${'format'.padEnd(28)} ${'M lines/s'.padStart(9)} ${'MB/s'.padStart(7)} ${'÷ combined'.padStart(11)}`);
let base = 0;
for (const subject of subjects()) {
  if (base > 0 && wanted.length > 0 && !wanted.some((name) => subject.name.includes(name))) continue;
  const { linesPerSecond, bytesPerSecond } = measure(subject);
  base ||= bytesPerSecond;
  console.log(`${subject.name.padEnd(28)} ${(linesPerSecond / 1e6).toFixed(2).padStart(9)} ${(bytesPerSecond / 1e6).toFixed(0).padStart(7)} ${(bytesPerSecond / base).toFixed(2).padStart(11)}`);
}
