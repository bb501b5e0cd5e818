// Large buffers are outside of the heap: V8 sees little of them, collects them late, and not at all while little happens, so that
// memory would stay at its peak after a few large bodies. They are collected when enough has been dropped. (To detach them would
// free them at once, but from then on every access to bytes looks whether they are still there.)
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Smaller ones are left to V8. */
const LARGE_BYTES = 4 * 1024 * 1024;
/** Collecting all takes some 30 ms, working on so many bytes many times that; collecting what is young, one or two. */
const COLLECT_BYTES = 16 * 1024 * 1024;
/** Until then nothing refers to what was dropped. */
const AFTER_MS = 20;

type Collect = (options?: { type: 'minor' }) => void;
let collect: Collect | undefined;
let droppedBytes = 0;

/** A body that was held in one piece is not needed any more. */
export function dropped(bytes: number): void {
  if (bytes < LARGE_BYTES) return;
  droppedBytes += bytes;
  if (droppedBytes < COLLECT_BYTES) return;
  droppedBytes = 0;
  setTimeout(() => (collect ??= collector())(), AFTER_MS).unref();
}

/** A chunk of a body of which `before` bytes came before it has been copied. */
export function copied(bytes: number, before: number): void {
  if (before < LARGE_BYTES || before % COLLECT_BYTES >= bytes) return;
  (collect ??= collector())({ type: 'minor' });
}

function collector(): Collect {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as Collect;
  setFlagsFromString('--no-expose-gc'); // what is compiled is kept for the flags that there were
  return gc;
}
