declare module 'snappyjs' {
  /** Throws when the block is broken or says that it is longer than `maxLength`. */
  export function uncompress(block: Uint8Array, maxLength?: number): Uint8Array;
  export function compress(bytes: Uint8Array): Uint8Array;
}
