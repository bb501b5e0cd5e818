// What compressed data is, by its first bytes: names and headers may say anything.

export type Packing = 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2' | 'lz4' | 'zip';

/** bzip2 says there how large its blocks are. */
const ANY = -1;

const MAGIC: readonly [Packing, readonly number[]][] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['bzip2', [0x42, 0x5a, 0x68, ANY, 0x31, 0x41, 0x59]],
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
];

export const packingOf = (first: Buffer): Packing =>
  MAGIC.find(([, magic]) => magic.every((byte, i) => byte === ANY || first[i] === byte))?.[0] ?? 'none';

/** Only these two are unpacked here. */
export const isUnpackable = (packing: Packing): packing is 'gzip' | 'zstd' => packing === 'gzip' || packing === 'zstd';

/** Of one that is not unpacked here. */
export const cannotUnpack = (packing: Packing): string =>
  `it is ${packing}-compressed, which is not unpacked here: unpack it first, or compress it with gzip or zstd`;
