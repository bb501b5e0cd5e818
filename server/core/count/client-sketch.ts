// How many different clients a failure has met, in at most 4 KiB however many there are: exact while they are few, then HyperLogLog
// (Flajolet et al. 2007) with 4096 registers, whose standard error is 1.6%. The estimate is Ertl's, which needs no corrections for
// small and large numbers (arXiv:1702.01284, algorithm 6).
import { count } from '#shared/numbers.ts';

/** Counted exactly up to here. */
export const EXACT_MAX = 128;
const INDEX_BITS = 12,
  REGISTERS = 1 << INDEX_BITS;
/** What is left of a hash: a register holds the place of its first one, 1 … RANK_MAX. */
const RANK_BITS = 32 - INDEX_BITS,
  RANK_MAX = RANK_BITS + 1;
/** Five bits hold a register. */
const PACKED_BYTES = (REGISTERS * 5) / 8;
const EXACT = 1,
  REGISTERED = 2;
const ALPHA = 1 / (2 * Math.LN2);

export class ClientSketch {
  /** Fingerprints, while they are few. */
  #few: Uint32Array | undefined = new Uint32Array(EXACT_MAX);
  #size = 0;
  #registers: Uint8Array | undefined;

  /** `fingerprint` as count/client.ts gives it; 0 is no client. */
  add(fingerprint: number): void {
    if (fingerprint === 0) return;
    if (this.#few === undefined) {
      this.#register(fingerprint);
      return;
    }
    if (this.#few.includes(fingerprint)) return;
    if (this.#size === EXACT_MAX) {
      this.#spread();
      this.#register(fingerprint);
    } else this.#few[this.#size++] = fingerprint;
  }

  /** Adds the clients of another. */
  merge(other: ClientSketch): void {
    if (other.#few !== undefined) {
      for (let i = 0; i < other.#size; i++) this.add(other.#few[i]);
      return;
    }
    if (this.#few !== undefined) this.#spread();
    const mine = this.#registers!,
      theirs = other.#registers!;
    for (let i = 0; i < REGISTERS; i++) if (theirs[i] > mine[i]) mine[i] = theirs[i];
  }

  /** `count` is no estimate. */
  get isExact(): boolean {
    return this.#few !== undefined;
  }

  /** Different clients. */
  get count(): number {
    return this.#registers === undefined ? this.#size : Math.round(estimate(this.#registers));
  }

  /** For people: "7", "about 310". */
  get text(): string {
    if (this.isExact) return count(this.#size);
    const unit = 10 ** Math.max(0, Math.floor(Math.log10(this.count)) - 1);
    return `about ${count(Math.round(this.count / unit) * unit)}`;
  }

  /** At most 2.5 KiB. */
  encode(): Uint8Array {
    if (this.#registers !== undefined) return packed(this.#registers);
    const bytes = new Uint8Array(1 + this.#size * 4),
      view = new DataView(bytes.buffer);
    bytes[0] = EXACT;
    for (let i = 0; i < this.#size; i++) view.setUint32(1 + i * 4, this.#few![i]);
    return bytes;
  }

  /** What `encode` wrote; undefined for anything else. */
  static decode(bytes: Uint8Array): ClientSketch | undefined {
    const sketch = new ClientSketch();
    if (bytes[0] === REGISTERED && bytes.length === 1 + PACKED_BYTES) {
      sketch.#few = undefined;
      sketch.#registers = unpacked(bytes);
      return sketch;
    }
    if (bytes[0] !== EXACT || bytes.length % 4 !== 1 || bytes.length > 1 + EXACT_MAX * 4) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    for (let at = 1; at < bytes.length; at += 4) sketch.add(view.getUint32(at));
    return sketch;
  }

  /** There are too many to keep each. */
  #spread(): void {
    const few = this.#few!;
    this.#few = undefined;
    this.#registers = new Uint8Array(REGISTERS);
    for (let i = 0; i < this.#size; i++) this.#register(few[i]);
  }

  #register(fingerprint: number): void {
    const hash = mixed(fingerprint),
      i = hash & (REGISTERS - 1),
      rank = Math.clz32(hash >>> INDEX_BITS) - INDEX_BITS + 1;
    if (rank > this.#registers![i]) this.#registers![i] = rank;
  }
}

/** MurmurHash3's last steps: no two fingerprints become one, and every bit depends on all. */
function mixed(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function estimate(registers: Uint8Array): number {
  const ranks = new Uint32Array(RANK_MAX + 1);
  for (const rank of registers) ranks[rank]++;
  let z = REGISTERS * tau(1 - ranks[RANK_MAX] / REGISTERS);
  for (let rank = RANK_BITS; rank >= 1; rank--) z = (z + ranks[rank]) / 2;
  return (ALPHA * REGISTERS * REGISTERS) / (z + REGISTERS * sigma(ranks[0] / REGISTERS));
}

/** x + Σ x^(2^k)·2^(k−1), for empty registers. */
function sigma(x: number): number {
  if (x === 1) return Infinity;
  let z = x;
  for (let y = 1, before = -1; z !== before; y *= 2) {
    x *= x;
    before = z;
    z += x * y;
  }
  return z;
}

/** (1 − x − Σ (1 − x^(2^−k))²·2^−k) / 3, for full registers. */
function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let z = 1 - x;
  for (let y = 0.5, before = -1; z !== before; y /= 2) {
    x = Math.sqrt(x);
    before = z;
    z -= (1 - x) ** 2 * y;
  }
  return z / 3;
}

/** Eight registers are five bytes. */
function packed(registers: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + PACKED_BYTES);
  bytes[0] = REGISTERED;
  for (let i = 0, at = 8; i < REGISTERS; i++, at += 5) {
    const word = registers[i] << (11 - (at & 7));
    bytes[at >> 3] |= word >> 8;
    bytes[(at >> 3) + 1] |= word & 255;
  }
  return bytes;
}

function unpacked(bytes: Uint8Array): Uint8Array {
  const registers = new Uint8Array(REGISTERS);
  for (let i = 0, at = 8; i < REGISTERS; i++, at += 5) {
    const word = (bytes[at >> 3] << 8) | (bytes[(at >> 3) + 1] ?? 0);
    registers[i] = Math.min(RANK_MAX, (word >> (11 - (at & 7))) & 31);
  }
  return registers;
}
