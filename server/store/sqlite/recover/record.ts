// Rows as they lie in a page: a header of types, then the values.

export type Value = bigint | number | string | Buffer | null;

/** The value, and where it ends; undefined past the end. */
export function readVarint(bytes: Buffer, at: number): { value: bigint; next: number } | undefined {
  let value = 0n;
  for (let i = 0; i < 9; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    if (i === 8) return { value: BigInt.asIntN(64, (value << 8n) | BigInt(byte)), next: at + 9 };
    value = (value << 7n) | BigInt(byte & 0x7f);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  return undefined;
}

const INTEGER_BYTES = [0, 1, 2, 3, 4, 6, 8];
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The values of a record; undefined for bytes that are none. */
export function readRecord(payload: Buffer): Value[] | undefined {
  const header = readVarint(payload, 0);
  if (header === undefined || header.value < 2n || header.value > BigInt(payload.length)) return undefined;
  const headerEnd = Number(header.value);
  const values: Value[] = [];
  let at = headerEnd;
  for (let next = header.next; next < headerEnd;) {
    const type = readVarint(payload, next);
    if (type === undefined || type.next > headerEnd) return undefined;
    next = type.next;
    const found = readValue(payload, at, type.value);
    if (found === undefined) return undefined;
    values.push(found.value);
    at = found.end;
  }
  return at === payload.length ? values : undefined;
}

function readValue(bytes: Buffer, at: number, type: bigint): { value: Value; end: number } | undefined {
  if (type < 0n || type === 10n || type === 11n || type > 2n ** 32n) return undefined;
  const kind = Number(type);
  if (kind === 0) return { value: null, end: at };
  if (kind === 8 || kind === 9) return { value: BigInt(kind - 8), end: at };
  const length = kind < 7 ? INTEGER_BYTES[kind] : kind === 7 ? 8 : (kind - (kind % 2) - 12) / 2;
  const end = at + length;
  if (end > bytes.length) return undefined;
  if (kind < 7) return { value: length === 8 ? bytes.readBigInt64BE(at) : BigInt(bytes.readIntBE(at, length)), end };
  if (kind === 7) return { value: bytes.readDoubleBE(at), end };
  if (kind % 2 === 0) return { value: Buffer.from(bytes.subarray(at, end)), end };
  try {
    return { value: utf8.decode(bytes.subarray(at, end)), end };
  } catch {
    return undefined;
  }
}

const rankOf = (value: Value): number =>
  value === null ? 0 : typeof value === 'string' ? 2 : typeof value === 'object' ? 3 : 1;

/** As an index sorts them: NULL, numbers, texts and blobs by their bytes. */
export function compareKeys(a: readonly Value[], b: readonly Value[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compare(a[i], b[i]);
    if (order !== 0) return order;
  }
  return 0;
}

function compare(a: Value, b: Value): number {
  const order = rankOf(a) - rankOf(b);
  if (order !== 0 || a === null || b === null) return order;
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  if (typeof a === 'object') return Buffer.compare(a, b as Buffer);
  const number = b as bigint | number;
  return a < number ? -1 : a > number ? 1 : 0;
}
