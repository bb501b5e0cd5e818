import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Admission, ADMISSION_TICK_MS } from '../../server/receive/admission.ts';

const MIB = 1024 * 1024;

interface Sender {
  /** What `enter` gave. */
  leave: false | (() => void);
  hasBegun: boolean;
  /** Share of its body that has come. */
  share: number;
}

/** A clock that the test moves, and a queue for the processor that the test fills. */
function open() {
  let now = 0;
  const processor = { queued: 0 };
  const admission = new Admission({ now: () => now, queued: () => processor.queued });
  const send = (bytes: number): Sender => {
    const sender: Sender = { leave: false, hasBegun: false, share: 0 };
    sender.leave = admission.enter({
      bytes,
      received: () => sender.share,
      begin() {
        sender.hasBegun = true;
      },
    });
    return sender;
  };
  return {
    admission,
    processor,
    send,
    /** Sends until one is refused; those who were not. */
    sendAll(bytes: number): Sender[] {
      const admitted: Sender[] = [];
      for (let sender = send(bytes); sender.leave !== false; sender = send(bytes)) {
        admitted.push(sender);
        assert.ok(admitted.length < 100_000, 'nobody is refused');
      }
      return admitted;
    },
    /** Time passes: each tick, `bytes` of the begun bodies (of a MiB each) come and are worked on, and others begin. */
    work(ms: number, senders: readonly Sender[], bytesPerS: number): void {
      for (const until = now + ms; now < until;) {
        now += ADMISSION_TICK_MS;
        let left = (bytesPerS * ADMISSION_TICK_MS) / 1000 / MIB;
        for (const sender of senders) {
          if (!sender.hasBegun || sender.share === 1) continue;
          const share = Math.min(left, 1 - sender.share);
          left -= share;
          sender.share += share;
          if (sender.share === 1 && sender.leave !== false) sender.leave();
        }
        admission.tick();
        // each that has begun and is not done has a piece of work in the queue
        processor.queued = senders.filter((sender) => sender.hasBegun && sender.share < 1).length;
        admission.fill();
      }
    },
    pass(ms: number): void {
      now += ms;
    },
  };
}

test('begins at once while the processor has room, whatever was said to come', () => {
  const { send, sendAll, processor } = open();
  for (let i = 0; i < 1000; i++) assert.ok(send(MIB).hasBegun);
  processor.queued = 8;
  assert.equal(send(100).leave, false, 'they have all just begun, and are owed the time');
  assert.deepEqual(sendAll(100), []);
});

test('waits while the processor has none, and begins in the order of arrival', () => {
  const { admission, processor, send } = open();
  processor.queued = 8;
  const senders = [send(MIB), send(MIB), send(MIB)];
  admission.fill();
  assert.deepEqual(
    senders.map((sender) => sender.hasBegun),
    [false, false, false],
  );
  processor.queued = 6;
  admission.fill();
  assert.deepEqual(
    senders.map((sender) => sender.hasBegun),
    [true, true, false],
  );
});

test('a line does not wait for the large bodies that came before it, but large bodies get on', () => {
  const { admission, processor, send, pass } = open();
  processor.queued = 8;
  const large = send(8 * MIB);
  const line = send(100);
  pass(2000);
  const later = send(100);
  processor.queued = 7;
  for (const [i, next] of [line, large, later].entries()) {
    assert.ok(!next.hasBegun, `${i}`);
    admission.fill();
    assert.ok(next.hasBegun, `${i}`);
  }
});

test('refuses past what is done in the time that a sender waits, by the measure of what is done', () => {
  const { processor, sendAll, work } = open();
  const senders: Sender[] = [];
  for (const [rate, seconds] of [
    [200, 5],
    [50, 10],
  ]) {
    for (let i = 0; i < seconds * 10; i++) {
      processor.queued = 8;
      senders.push(...sendAll(MIB));
      work(100, senders, rate * MIB);
    }
    const left = senders.filter((sender) => sender.share < 1).length;
    assert.ok(left > 0.7 * rate && left < 1.6 * rate, `${left} MiB are waiting at ${rate} MiB/s`);
  }
});

test('smaller loads are admitted where large ones are refused, but not without end', () => {
  const { processor, sendAll } = open();
  processor.queued = 8;
  const large = sendAll(MIB),
    small = sendAll(1000);
  assert.ok(large.length > 10 && small.length > 100, `${large.length}, ${small.length}`);
});

test('bodies that stall or trickle take no place, whatever length they announce', () => {
  const { admission, processor, send, sendAll, pass } = open();
  const slow = Array.from({ length: 200 }, () => send(64 * MIB));
  for (let i = 0; i < 2; i++) {
    pass(ADMISSION_TICK_MS);
    admission.tick();
    for (const sender of slow) sender.share += 1e-7;
  }
  processor.queued = 8;
  assert.ok(sendAll(MIB).length > 10);
});

test('when nothing gets on, nobody else is let in; once it does, all is as before', () => {
  const { admission, processor, send, sendAll, work } = open();
  processor.queued = 8;
  const waiting = sendAll(MIB);
  work(5000, waiting, 0);
  assert.equal(send(MIB).leave, false);
  processor.queued = 0;
  work(10_000, waiting, 100 * MIB);
  assert.equal(admission.size, 0);
  assert.ok(send(MIB).hasBegun);
});

test('who leaves while waiting makes room, and never begins', () => {
  const { admission, processor, send, sendAll } = open();
  processor.queued = 8;
  const [first] = sendAll(MIB);
  (first.leave as () => void)();
  const another = send(MIB);
  assert.notEqual(another.leave, false);
  processor.queued = -1000;
  admission.fill();
  assert.ok(another.hasBegun && !first.hasBegun);
});
