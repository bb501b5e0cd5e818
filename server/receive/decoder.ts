// What takes the encoding off a body, a chunk at a time, and what its chunks go to.

/** A promise: done with the chunk when it resolves. The chunk may be reused after, unless `isOwn`. */
export type Take = (chunk: Buffer, isOwn?: boolean) => Promise<void> | undefined | void;

/** Takes encoded bytes, gives decoded ones to the Take it was made with. */
export interface Decoder {
  write(bytes: Buffer): Promise<void> | undefined;
  /** No more comes. Resolves when all has been taken. */
  end(): Promise<void> | undefined;
  /** The rest is not wanted. */
  destroy?(): void;
}
