// All that reads what strangers write: each format, the detection of them, each wrapping, each language that a format may be declared in, and
// what is done with a line besides. With lines to begin from.
import { masked } from '../../server/core/diagnose/mask.ts';
import { Hit } from '../../server/core/hit.ts';
import { lintConfiguration, lintNginxFormat } from '../../server/core/contract/log-format-lint.ts';
import type { Sample } from '../../server/formats/format.ts';
import { formats } from '../../server/formats/index.ts';
import { openLineReader } from '../../server/formats/line-reader.ts';
import { hitJson } from '../../server/formats/hit-json.ts';
import { WRAPS } from '../formats/wraps.ts';

export interface Target {
  readonly name: string;
  readonly lines: readonly string[];
  /** Longer texts are not taken. */
  readonly bytesMax: number;
  /** As a stream begins: what it returns reads one line. */
  open(): (line: Buffer, text: string) => void;
}

const LINE_BYTES_MAX = 64 * 1024,
  FORMAT_BYTES_MAX = 16 * 1024;

const COMBINED =
  '203.0.113.7 - - [02/Jan/2026:15:04:05 +0000] "GET /a?b=1 HTTP/1.1" 502 157 "-" "curl/8.5.0" rt=0.001 ua="127.0.0.1:60257, 127.0.0.1:43913" us="502, 200" 10.0.0.1:80, 10.0.0.2:80 502, 502 0.001, 0.002';
const JSON_LINE =
  '{"time":"2026-01-02T15:04:05+00:00","remote_addr":"203.0.113.7","host":"a.example","uri":"/x","status":502,"rt":0.007,"ua":"127.0.0.1:80"}';

/** A format in each language and each way to find a field's end, with a line of it. */
const DECLARED: readonly (readonly [format: string, line: string])[] = [
  [
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" rt=$request_time ua="$upstream_addr" us="$upstream_status"',
    COMBINED,
  ],
  [
    "log_format a '$remote_addr|$time_iso8601|$request_method|$request_uri|$status|$upstream_addr|$upstream_status|$request_time';",
    '203.0.113.7|2026-01-02T15:04:05+00:00|GET|/x|502|10.0.0.1:80|502|0.1',
  ],
  [
    '$http_x_forwarded_for $time_iso8601 $request $status $upstream_addr $upstream_status $http_user_agent',
    '203.0.113.7, 10.0.0.9 2026-01-02T15:04:05+00:00 GET /x HTTP/1.1 502 10.0.0.1:80, 10.0.0.2:80 502, 502 curl/8 x',
  ],
  ['$upstream_status,$scheme,$upstream_addr,"$status"', '502, 200,https,10.0.0.1:80, 10.0.0.2:80,"206"'],
  ['$http_user_agent $http_referer $request_uri $status', 'curl/8 x - /x?y 502'],
  [
    'escape=json \'{"time":"$time_iso8601","remote_addr":"$remote_addr","host":"$host","uri":"$request_uri","status":$status,"rt":$request_time,"ua":"$upstream_addr"}\'',
    JSON_LINE,
  ],
  ['%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %D', COMBINED],
  [
    '%{X-Forwarded-For}i %{%Y-%m-%d %H:%M:%S}t.%{msec_frac}t %m %U%q %>s %{ms}T',
    '203.0.113.7, 10.0.0.9 2026-01-02 15:04:05.250 GET /x?y=1 200 12',
  ],
  ['%h %^[%d:%t %^] "%r" %s %b "%R" "%u"', COMBINED],
  [
    'log-format ~h{, } %^[%d:%t %^] "%m" "%U" %s %T\ndate-format %d/%b/%Y\ntime-format %H:%M:%S',
    '1.2.3.4, 5.6.7.8 [02/Jan/2026:15:04:05 +0000] "GET" "/x" 502 0.1',
  ],
  [
    '%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r',
    '203.0.113.7:51234 [02/Jan/2026:15:04:05.123] http-in~ app/s1 0/0/1/109/110 502 157 - - ---- 120/119/4/2/0 0/0 "GET /x HTTP/1.1"',
  ],
  ['%{+Q}o %[src] %ST %HM %HU %b %s %Ta %[capture.req.hdr(0)]', '"203.0.113.7" 502 "GET" "/x" "app" "s1" 12 "a"'],
  [
    '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_SENT% %DURATION% "%UPSTREAM_HOST%"',
    '[2026-01-02T15:04:05.123Z] "GET /x HTTP/1.1" 503 UF 91 10 "10.0.0.1:80"',
  ],
  [
    '%>a %[ui %[un [%tl] "%rm %ru HTTP/%rv" %>Hs %<st "%{Referer}>h" "%{User-Agent}>h" %Ss:%Sh',
    '203.0.113.7 - - [02/Jan/2026:15:04:05 +0000] "GET http://a/x HTTP/1.1" 502 157 "-" "curl/8" TCP_MISS:HIER_DIRECT',
  ],
  [
    '%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt',
    '1767366245.123   1234 203.0.113.7 TCP_MISS/502 157 GET http://a.example/x - HIER_DIRECT/10.0.0.1 text/html',
  ],
  [
    '{request>remote_ip} - [{when}] "{request>method} {request>uri} {request>proto}" {status} {size}',
    '203.0.113.7 - [02/Jan/2026:15:04:05 +0000] "GET /x HTTP/1.1" 502 157',
  ],
];

/** The beginnings of things. */
const STUMPS = [
  '',
  '{',
  '{"',
  '{"a":{"',
  '["',
  '"',
  'GET ',
  'GET /x HTTP/1.1',
  '#Fields: ',
  '<190>',
  'a=1',
  'a:1\tb:2',
  '2026-01-02T15:04:05Z ',
  '- - ',
  '192.0.2.1 ',
  '\\"',
  '{\\"a\\":\\"',
  '[response',
  '[GIN] ',
];

const hit = new Hit();

export function reading(
  name: string,
  format: string,
  lines: readonly string[],
  before: readonly string[] = [],
): Target {
  const open = (): ReturnType<Target['open']> => {
    const reader = openLineReader(format);
    const read = (bytes: Buffer, text: string): void => {
      if (reader.read({ bytes, text }, 0, bytes.length, hit) === undefined) hitJson(hit);
    };
    for (const line of before) read(Buffer.from(line), line);
    return read;
  };
  return { name, lines, bytesMax: LINE_BYTES_MAX, open };
}

const doing = (name: string, bytesMax: number, lines: readonly string[], work: (text: string) => void): Target => ({
  name,
  lines,
  bytesMax,
  open: () => (_, text) => work(text),
});

function declares(format: string): void {
  try {
    openLineReader(format);
  } catch {
    // no format: that is an answer
  }
}

const samples = formats.map(({ name, samples }) => ({ name, samples: samples as readonly Sample[] }));

export const targets: readonly Target[] = [
  ...samples.map(({ name, samples: [first, ...rest] }) =>
    reading(
      name,
      name,
      [first, ...rest].map(({ line }) => line),
      first.before,
    ),
  ),
  reading(
    'detection',
    'auto',
    samples.flatMap((format) => format.samples.map(({ line }) => line)),
  ),
  reading('detection of nothing', 'auto', STUMPS),
  ...Object.entries(WRAPS).map(([name, { wrap }]) => reading(name, 'auto', [wrap(COMBINED), wrap(JSON_LINE)])),
  ...DECLARED.map(([format, line]) => reading(format, format, [line])),
  doing(
    'a declared format itself',
    FORMAT_BYTES_MAX,
    DECLARED.map(([format]) => format),
    declares,
  ),
  doing(
    'a configuration',
    LINE_BYTES_MAX,
    [
      "http {\n  log_format main '$remote_addr \"$request\" $status'\n    '$upstream_addr';\n  access_log /x main;\n}\n",
      'defaults\n  mode http\n  option httplog\nfrontend a\n  bind :80\n  log-format "%ci %ST"\nbackend b\n  server s 10.0.0.1\n',
      'LogFormat "%h %{BALANCER_WORKER_NAME}e %>s" mine\n',
    ],
    (text) => {
      lintConfiguration(text);
      lintNginxFormat(text, 'it');
    },
  ),
  doing(
    'masking',
    8 * 1024,
    [
      COMBINED,
      JSON_LINE,
      '{"authorization":"Bearer abc123def456","url":"https://u:p@a.example/x?token=1"} mail ada@example.com card 4111 1111 1111 1111 key AKIA1234567890ABCDEF1234',
    ],
    (text) => masked(text),
  ),
];
