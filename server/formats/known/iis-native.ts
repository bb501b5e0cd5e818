// IIS's own log file format of old: fixed columns between commas.
import { DETAILS, METHOD, PATH, type Hit } from '../../core/hit.ts';
import type { Chunk, Format, Miss, Reader } from '../format.ts';
import { BAD_STATUS, BAD_TIME, rejected } from '../misses.ts';
import { methodEnd, setClient } from '../bytes/request.ts';
import { digits, isDash, Needle, status } from '../bytes/scanner.ts';
import { Moment, Strptime } from '../bytes/strptime.ts';
import { ASCII } from '../bytes/ascii.ts';

const { SLASH } = ASCII;

const NOT_NATIVE = rejected('iis-native-columns', 'no fifteen columns between commas');
const COLUMNS = 15;
const CLIENT = 0,
  DATE = 2,
  TIME = 3,
  TAKEN = 7,
  SENT = 9,
  STATUS = 10,
  WIN32 = 11,
  METHOD_ = 12,
  TARGET = 13;

class IisNativeReader implements Reader {
  readonly #comma = new Needle(', ');
  readonly #date = new Strptime('%m/%d/%y');
  readonly #longDate = new Strptime('%m/%d/%Y');
  readonly #time = new Strptime('%H:%M:%S');
  readonly #moment = new Moment();
  readonly #gaps = new Int32Array(COLUMNS + 1);

  // 192.168.114.201, -, 03/20/01, 7:55:20, W3SVC2, SALES1, 172.21.13.45, 4502, 163, 3223, 200, 0, GET, /DeptLogo.gif, -,
  // client,      user, date,     time,   service, server, server ip,    taken, received, sent, status, win32, method, target, parameters,
  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    const b = chunk.bytes,
      gaps = this.#gaps;
    let n = 0;
    gaps[n++] = start - 2;
    for (
      let at = this.#comma.find(chunk, start, end);
      at !== -1 && n < COLUMNS;
      at = this.#comma.find(chunk, at + 2, end)
    )
      gaps[n++] = at;
    if (n < COLUMNS - 1) return NOT_NATIVE;
    gaps[n] = end;
    const from = (column: number): number => gaps[column] + 2,
      to = (column: number): number => gaps[column + 1];
    this.#moment.clear();
    const date = b[to(DATE) - 3] === SLASH ? this.#date : this.#longDate;
    if (!date.read(b, from(DATE), to(DATE), this.#moment) || !this.#time.read(b, from(TIME), to(TIME), this.#moment))
      return BAD_TIME;
    const code = status(b, from(STATUS), to(STATUS));
    if (code < 0) return BAD_STATUS;
    if (methodEnd(b, from(METHOD_), to(METHOD_)) !== to(METHOD_)) return NOT_NATIVE;
    hit.ts = this.#moment.value;
    if (hit.ts !== hit.ts) return BAD_TIME;
    hit.code = code;
    setClient(b, from(CLIENT), to(CLIENT), hit);
    const taken = digits(b, from(TAKEN), to(TAKEN)),
      size = digits(b, from(SENT), to(SENT));
    if (taken !== -1) hit.durationMs = taken;
    if (size !== -1) hit.size = size;
    hit.set(METHOD, from(METHOD_), to(METHOD_));
    if (!isDash(b, from(TARGET), to(TARGET))) hit.set(PATH, from(TARGET), to(TARGET));
    if (code >= 400) hit.setText(DETAILS, `0.${chunk.text.slice(from(WIN32), to(WIN32))}`);
    return undefined;
  }
}

export const iisNative = {
  name: 'iis-native',
  title: 'IIS log file format',
  proxy: 'iis',
  samples: [
    {
      line: '192.168.114.201, -, 03/20/01, 7:55:20, W3SVC2, SALES1, 172.21.13.45, 4502, 163, 3223, 500, 0, GET, /DeptLogo.gif, -,',
      hit: {
        ts: 985074920000,
        code: 500,
        method: 'GET',
        path: '/DeptLogo.gif',
        durationMs: 4502,
        bytes: 3223,
        client: '192.168.114.201',
      },
    },
  ],
  open: () => new IisNativeReader(),
} as const satisfies Format;
