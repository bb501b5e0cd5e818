// The catalogue of operating errors: every one that a person or a sender may see, with a code that stays, the HTTP status
// that makes its receiver do the right thing, and what to do next.

/** An error that was foreseen. Programmer errors are plain Errors, and crash or become `internal`. */
export class Failure extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly hint: string | undefined;
  /** Seconds, for `Retry-After`. */
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, entry: Entry, detail?: string, retryAfter = entry.retryAfter) {
    super(detail ?? entry.message);
    this.name = 'Failure';
    this.code = code;
    this.status = entry.status;
    this.hint = entry.hint;
    this.retryAfter = retryAfter;
  }

  /** As it goes over the wire: shared/api.ts ApiError. */
  body(): { error: { code: string; message: string; hint?: string } } {
    return {
      error: { code: this.code, message: this.message, ...(this.hint === undefined ? {} : { hint: this.hint }) },
    };
  }
}

interface Entry {
  status: number;
  message: string;
  hint?: string;
  retryAfter?: number;
}

// 503 with Retry-After is the only response that every shipper retries; 422 is the only rejection that none retries forever.
const catalogue = {
  // ingest
  overloaded: {
    status: 503,
    retryAfter: 2,
    message: 'The write queue is full.',
    hint: 'Send again. Nothing from this request was counted.',
  },
  stopping: {
    status: 503,
    retryAfter: 5,
    message: 'The server is stopping.',
    hint: 'Send again. Nothing from this request was counted.',
  },
  storeBusy: {
    status: 503,
    retryAfter: 2,
    message: 'The database did not accept the write.',
    hint: 'Send again. Nothing from this request was counted.',
  },
  storeFull: {
    status: 503,
    retryAfter: 5,
    message: 'The disk that holds the data directory is full.',
    hint: 'Free some space. Senders keep their data and retry.',
  },
  walFull: {
    status: 503,
    retryAfter: 5,
    message: 'Another process keeps the write-ahead log of the database from being emptied.',
    hint: 'Send again. Nothing from this request was counted. The server log and the dashboard name the process.',
  },
  internal: {
    status: 503,
    retryAfter: 5,
    message: 'Unexpected server error.',
    hint: 'The server log has the details. Send again. Nothing from this request was counted.',
  },
  brokenOff: {
    status: 503,
    retryAfter: 1,
    message: 'The request ended before its body was complete.',
    hint: 'Send again. Nothing from this request was counted.',
  },
  tooLarge: {
    status: 413,
    message: 'The body is larger than this server accepts.',
    hint: 'Send smaller batches or raise maxBodyMiB.',
  },
  growsTooMuch: {
    status: 422,
    message: 'The body grows more than 10,000 times when it is decoded.',
    hint: 'No log compresses so well: check what the sender compresses.',
  },
  tooManyRecords: { status: 422, message: 'The request holds too many records.', hint: 'Send smaller batches.' },
  unknownEncoding: {
    status: 422,
    message: 'Unknown Content-Encoding.',
    hint: 'Use gzip, deflate, zstd, snappy or none.',
  },
  brokenEncoding: {
    status: 422,
    message: 'The body does not decode as its Content-Encoding says.',
    hint: 'Check that the sender compresses what it announces, whole.',
  },
  undecodable: { status: 422, message: 'This path does not accept this kind of body.' },
  badFormat: {
    status: 422,
    message: 'This format cannot be used.',
    hint: 'Give a name from `fivealarm parse --help`, "auto", or an nginx log_format that holds $status.',
  },
  badSource: { status: 422, message: 'This source name cannot be used.', hint: 'Use 1–120 printable characters.' },
  badSourceKey: {
    status: 422,
    message: 'This sourceKey cannot be used.',
    hint: "Give the name of a record's key, such as service.name or kubernetes.container_name.",
  },
  tooManySources: {
    status: 422,
    message: 'The limit on sources (maxSources) is reached.',
    hint: 'Check that the source name does not come from something unbounded, such as a request id.',
  },
  // opening the database
  sqliteTooOld: {
    status: 503,
    message: 'This SQLite is too old: its write-ahead log can lose commits.',
    hint: 'SQLite 3.51.3 or newer is needed: run `npm ci` to get the better-sqlite3 that carries it.',
  },
  databaseNewer: {
    status: 503,
    message: 'The database was written by a newer version.',
    hint: 'Start that version again, or use another data directory. Databases are never migrated back.',
  },
  databaseInUse: {
    status: 503,
    message: 'Another process has this data directory open.',
    hint: 'Stop it first, or use another --data-dir.',
  },
  nothingToRecover: {
    status: 503,
    message: 'Nothing of a Fivealarm database can be read here.',
    hint: 'Is it the right file? Restore it from a backup if there is one.',
  },
  targetExists: {
    status: 503,
    message: 'There is a database already.',
    hint: 'Give another --to, or remove that one.',
  },
  needsToken: {
    status: 401,
    message: 'This server accepts data only with an ingest token.',
    hint: 'Send `Authorization: Bearer TOKEN`.',
  },
  // reading and operating
  badRequest: { status: 400, message: 'The request cannot be understood.' },
  badTime: {
    status: 400,
    message: 'This is not a valid time.',
    hint: 'Use ms or s since the epoch, ISO 8601, or now-15m.',
  },
  notFound: { status: 404, message: 'This path does not exist.' },
  badMethod: { status: 405, message: 'This path does not accept this method.' },
  wrongHost: {
    status: 403,
    message: 'This server does not accept this Host name.',
    hint: 'Open it by its address, or add the name to `hosts` in the configuration.',
  },
  wrongOrigin: {
    status: 403,
    message: 'Requests from another site are rejected.',
    hint: 'Open the dashboard from this server, or add its name to `hosts` in the configuration.',
  },
  notJson: { status: 415, message: 'Writes must be JSON.', hint: 'Send Content-Type: application/json.' },
  noPage: {
    status: 503,
    message: 'The dashboard has not been built.',
    hint: 'Run `npm run build`, or start with `npm start`. The API under /api works without it.',
  },
  notReady: { status: 503, retryAfter: 2, message: 'Not ready.' },
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof catalogue;

type Errors = { readonly [K in ErrorCode]: (detail?: string, retryAfter?: number) => Failure };

/** `throw errors.tooLarge('64 MiB is the limit')` */
export const errors = Object.fromEntries(
  Object.entries(catalogue).map(([code, entry]) => [
    code,
    (detail?: string, retryAfter?: number) => new Failure(code as ErrorCode, entry, detail, retryAfter),
  ]),
) as Errors;
