// Every way to write a time, and what is none: a day that no month has, an hour that no day has, a zone that no place has.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseTime } from '../../../shared/time-range.ts';
import { parsed } from '../parsed.ts';

interface Clock {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  /** Minutes east of Greenwich, as hours and minutes. */
  sign: 1 | -1;
  zoneHour: number;
  zoneMinute: number;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n: number): string => String(n).padStart(2, '0');
const time = ({ hour, minute, second }: Clock): string => `${two(hour)}:${two(minute)}:${two(second)}`;
const date = ({ year, month, day }: Clock): string => `${year}-${two(month)}-${two(day)}`;
const zone = ({ sign, zoneHour, zoneMinute }: Clock, colon = ''): string =>
  `${sign === 1 ? '+' : '-'}${two(zoneHour)}${colon}${two(zoneMinute)}`;
const clf = (c: Clock): string => `${two(c.day)}/${MONTHS[c.month - 1] ?? 'Foo'}/${c.year}:${time(c)} ${zone(c)}`;

/** A way to write it in a line, whether with its zone, and the format that reads it. */
const WAYS: Record<string, { line: (c: Clock) => string; zoned: boolean; format?: string }> = {
  combined: {
    line: (c) => `192.0.2.7 - - [${clf(c)}] "GET / HTTP/1.1" 502 1 "-" "-"`,
    zoned: true,
    format: 'combined',
  },
  'an ISO time in brackets': {
    line: (c) => `192.0.2.7 - - [${date(c)}T${time(c)}${zone(c, ':')}] "GET / HTTP/1.1" 502 1 "-" "-"`,
    zoned: true,
    format: 'combined',
  },
  'ISO in JSON': {
    line: (c) =>
      `{"time":"${date(c)}T${time(c)}${zone(c, ':')}","method":"GET","path":"/","status":502,"client_ip":"192.0.2.7"}`,
    zoned: true,
  },
  'CLF in JSON': {
    line: (c) => `{"time":"${clf(c)}","method":"GET","path":"/","status":502,"client_ip":"192.0.2.7"}`,
    zoned: true,
  },
  'mail in JSON': {
    line: (c) =>
      `{"time":"Fri, ${two(c.day)} ${MONTHS[c.month - 1] ?? 'Foo'} ${c.year} ${time(c)} ${zone(c)}","method":"GET","path":"/","status":502,"client_ip":"192.0.2.7"}`,
    zoned: true,
  },
  'in front of a request': {
    line: (c) => `${date(c)} ${time(c)}${zone(c)} web 192.0.2.7 "POST /pay HTTP/1.1" 504 0`,
    zoned: true,
    format: 'access',
  },
  'mail in front of a request': {
    line: (c) =>
      `[Fri, ${two(c.day)} ${MONTHS[c.month - 1] ?? 'Foo'} ${c.year} ${time(c)} ${zone(c)}] 192.0.2.7 "POST /pay HTTP/1.1" 504 0`,
    zoned: true,
    format: 'access',
  },
  'digits in front of a request': {
    line: (c) => `${date(c).replaceAll('-', '')}${time(c).replaceAll(':', '')} 192.0.2.7 "POST /pay HTTP/1.1" 504 0`,
    zoned: false,
    format: 'access',
  },
  ctime: {
    line: (c) =>
      `[pid: 3412|app: 0|req: 1/1] 192.0.2.7 () {38 vars in 696 bytes} [Tue ${MONTHS[c.month - 1] ?? 'Foo'} ${String(c.day).padStart(2)} ${time(c)} ${c.year}] GET /x => generated 10 bytes in 4 msecs (HTTP/1.1 404) 2 headers`,
    zoned: false,
    format: 'uwsgi',
  },
  W3C: {
    line: (c) =>
      `${date(c)} ${time(c)} W3SVC1 WEB1 10.0.0.1 GET /x a=b 80 - 192.0.2.7 HTTP/1.1 Mozilla/5.0 - - a.example 502 3 12002 20 30 125`,
    zoned: false,
    format: 'w3c',
  },
  Gin: {
    line: (c) =>
      `[GIN] ${date(c).replaceAll('-', '/')} - ${time(c)} | 500 |    1.25ms |       192.0.2.7 | GET      "/ping"`,
    zoned: false,
    format: 'frameworks',
  },
  IIS: {
    line: (c) =>
      `192.0.2.7, -, ${c.month}/${c.day}/${c.year}, ${time(c)}, W3SVC2, SALES1, 172.21.13.45, 4502, 163, 3223, 500, 0, GET, /x, -,`,
    zoned: false,
    format: 'iis-native',
  },
  HAProxy: {
    line: (c) =>
      `192.0.2.7:36890 [${clf(c).slice(0, -6)}.000] fe b/s 0/0/0/1/1 503 217 - - SC-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"`,
    zoned: false,
    format: 'haproxy',
  },
  'strftime in a LogFormat': {
    line: (c) => `${date(c)} ${time(c)} ${zone(c)} GET /x 200`,
    zoned: true,
    format: '%{%Y-%m-%d %H:%M:%S %z}t %m %U %>s',
  },
  'strftime in parts': {
    line: (c) => `192.0.2.7 ${two(c.day)}/${MONTHS[c.month - 1] ?? 'Foo'}/${c.year} ${time(c)} "GET /x HTTP/1.1" 200`,
    zoned: false,
    format: 'log-format %h %d %t "%r" %s\ndate-format %d/%b/%Y\ntime-format %H:%M:%S\n',
  },
  'syslog with a year round a line without a time': {
    line: (c) =>
      `${MONTHS[c.month - 1] ?? 'Foo'} ${two(c.day)} ${c.year} ${time(c)} web1 app: GET /x 200 5.123 ms - 170`,
    zoned: false,
  },
  'RFC 5424 round a line without a time': {
    line: (c) => `<29>1 ${date(c)}T${time(c)}${zone(c, ':')} web1 app 1 - - GET /x 200 5.123 ms - 170`,
    zoned: true,
  },
};

function expected(c: Clock, zoned: boolean): number | undefined {
  const ms = Date.UTC(c.year, c.month - 1, c.day),
    at = new Date(ms);
  const isDate = at.getUTCMonth() === c.month - 1 && at.getUTCDate() === c.day && at.getUTCFullYear() === c.year;
  const isTime =
    (c.hour <= 23 || (c.hour === 24 && c.minute === 0 && c.second === 0)) && c.minute <= 59 && c.second <= 59;
  const isZone = !zoned || (c.zoneMinute <= 59 && c.zoneHour * 60 + c.zoneMinute <= 18 * 60);
  return isDate && isTime && isZone
    ? ms + ((c.hour * 60 + c.minute - (zoned ? c.sign * (c.zoneHour * 60 + c.zoneMinute) : 0)) * 60 + c.second) * 1000
    : undefined;
}

const good: Clock = {
  year: 2026,
  month: 1,
  day: 2,
  hour: 15,
  minute: 4,
  second: 5,
  sign: 1,
  zoneHour: 0,
  zoneMinute: 0,
};
const MANGLED: Partial<Clock>[] = [
  {},
  { month: 2, day: 30 },
  { month: 2, day: 29 },
  { year: 2024, month: 2, day: 29 },
  { year: 2100, month: 2, day: 29 },
  { month: 4, day: 31 },
  { month: 13 },
  { month: 0 },
  { day: 0 },
  { day: 32 },
  { day: 99 },
  { hour: 24 },
  { hour: 25 },
  { hour: 99 },
  { minute: 60 },
  { second: 61 },
  { second: 99 },
  { zoneHour: 99, zoneMinute: 99 },
  { zoneHour: 25 },
  { zoneMinute: 60 },
  { sign: -1, zoneHour: 99 },
  { sign: -1, zoneHour: 12 },
  { zoneHour: 14 },
  { zoneHour: 5, zoneMinute: 45 },
];

for (const [name, { line, zoned, format }] of Object.entries(WAYS)) {
  const read = (c: Clock): unknown => parsed(line(c), format ?? 'auto')[0].ts;
  test(`${name}: a time that there is is read, and one that there is not is none`, () => {
    for (const change of MANGLED) {
      const c = { ...good, ...change };
      assert.equal(read(c), expected(c, zoned), line(c));
    }
    const clock = fc.record({
      year: fc.integer({ min: 1971, max: 2099 }),
      month: fc.integer({ min: 1, max: 12 }),
      day: fc.integer({ min: 1, max: 31 }),
      hour: fc.integer({ min: 0, max: 26 }),
      minute: fc.integer({ min: 0, max: 61 }),
      second: fc.integer({ min: 0, max: 59 }),
      sign: fc.constantFrom(1 as const, -1 as const),
      zoneHour: fc.integer({ min: 0, max: 20 }),
      zoneMinute: fc.integer({ min: 0, max: 62 }),
    });
    fc.assert(
      fc.property(clock, (c) => assert.equal(read(c), expected(c, zoned), line(c))),
      { numRuns: 100 },
    );
  });
}

test('a day that was read does not make one of the next', () => {
  const line = (day: string): string => `192.0.2.7 - - [${day}/Jan/2026:15:04:05 +0000] "GET / HTTP/1.1" 502 1 "-" "-"`;
  const rows = parsed([line('08'), line('40'), line('31'), line('32')].join('\n'), 'combined');
  assert.deepEqual(
    rows.map(({ ts }) => ts !== undefined),
    [true, false, true, false],
  );
});

test('a leap second and the end of a day are times', () => {
  const at = (text: string): unknown =>
    parsed(`192.0.2.7 - - [${text}] "GET / HTTP/1.1" 502 1 "-" "-"`, 'combined')[0].ts;
  assert.equal(at('31/Dec/2016:23:59:60 +0000'), Date.UTC(2017, 0, 1));
  assert.equal(at('31/Dec/2016:24:00:00 +0000'), Date.UTC(2017, 0, 1));
  assert.equal(at('31/Dec/2016:24:00:01 +0000'), undefined);
});

test('the API takes no 30 February either', () => {
  assert.equal(parseTime('2026-02-30', 0), undefined);
  assert.equal(parseTime('2026-02-30T10:00:00Z', 0), undefined);
  assert.equal(parseTime('2024-02-29T10:00:00Z', 0), Date.UTC(2024, 1, 29, 10));
  assert.equal(parseTime('2026-13', 0), undefined);
  assert.equal(parseTime('2026-01', 0), Date.UTC(2026, 0));
});
