// Lines that once took more than linear time, or far too much of it: `«…»` is repeated.

/** Format, line. */
export const KNOWN: readonly (readonly [format: string, line: string])[] = [
  // a list in JSON, its blanks taken off
  [
    'caddy',
    '{"logger":"http.log.access","request":{"method":"GET","uri":"/","headers":{"User-Agent":["curl« »"]}},"status":200,"ts":1646861401.5}',
  ],
  ['vercel', '{"deploymentId":"d","proxy":{"method":"GET","path":"/","userAgent":["«\t»"],"statusCode":504}}'],
  // columns behind combined, each of which may begin upstream's
  ['combined', '203.0.113.7 - - [02/Jan/2026:15:04:05 +0000] "GET / HTTP/1.1" 502 157 "-" "curl" «10.0.0.1:80, »'],
  ['combined', '203.0.113.7 - - [02/Jan/2026:15:04:05 +0000] "GET / HTTP/1.1" 502 157 "-" "curl" «unix:/a, »'],
  ['auto', '203.0.113.7 - - [02/Jan/2026:15:04:05 +0000] "GET / HTTP/1.1" 502 157 "-" "curl" «0.001, »'],
  ['access', '203.0.113.7 "GET / HTTP/1.1" 502 157 «[1.1.1.1 »'],
  ['traefik', '203.0.113.7 - - [02/Jan/2026:15:04:05 +0000] "GET / HTTP/1.1" 502 157 "-" "curl" «1.2.3.4 - - [»'],
  ['combined', '203.0.113.7 - - [02/Jan/2026:15:04:05 +0000] "GET / HTTP/1.1" 502 157 "-" "curl" «10.0.0.1:80 [502, »'],
  // quotes
  ['auto', '203.0.113.7 - - [02/Jan/2026:15:04:05 +0000] "GET /a«"»'],
  ['auto', '2026-01-02T15:04:05Z,192.0.2.7,GET,"/a",502«"x", »'],
  ['s3', 'a b [06/Feb/2019:00:00:38 +0000] 192.0.2.3 r i o k "GET / HTTP/1.1" 404 - 1 - 1 - «"» '],
  // what is looked for, found again and again
  ['frameworks', '«[response»'],
  ['frameworks', '«::1 »GET /x 200'],
  ['auto', '«Completed: [»'],
  ['auto', '«<-- 200, user: »'],
  // keys that were never seen before
  ['auto', '{«"k№":1,»"status":502}'],
  ['auto', '{"request":{«"k№":"x",»"a":1},"status":502}'],
  ['auto', 'level=info «k№=1 »status=502'],
  ['ltsv', 'time:1\t«k№:1\t»status:502'],
  // escape sequences
  ['auto', '«\x1b[1m»203.0.113.7 - - [02/Jan/2026:15:04:05 +0000] "GET / HTTP/1.1" 502 157'],
  ['auto', '{"log":"«\\u001b[»"}'],
];

/** Formats that somebody pastes. */
export const KNOWN_FORMATS: readonly string[] = [
  '%h «%{» %>s',
  '%>s «%{x,»',
  '«%(»(status)s %s',
  '%ST «%[[]»',
  '%{+Q«+Q»',
  '«log-format »%s',
  '%RESPONSE_CODE% «%REQ(»',
  "$status «'\\'»",
  '$status «\n »LogFormat',
  '%d %s «time-format »',
  '%>Hs «%{»a',
  '{status}«{request>»',
  '«$a »$status',
  '%s «%{a}i »',
];
