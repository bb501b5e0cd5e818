// Many senders at once, each on a connection of its own, from another process: they send the next body as soon as the last one is
// answered, and come again after a 503 when Retry-After says so (or at once, when they are impatient).
//   senders.ts FILE URL BODY_BYTES SENDERS SECONDS PATIENCE  →  {"answered","refused","others","accepted","answerMs","refusalMs"}
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';

const [file, url, bodyBytes, senders, seconds, patience] = process.argv.slice(2);
const { hostname, port } = new URL(url);
const log = readFileSync(file);
const bodies: Buffer[] = [];
for (let start = 0; start < log.length;) {
  const end = Math.min(log.length, log.lastIndexOf(10, start + Number(bodyBytes)) + 1 || log.length);
  bodies.push(log.subarray(start, end));
  start = end;
}

const RAMP_MS = 2000;
const answerMs: number[] = [],
  refusalMs: number[] = [];
const others = new Map<string, number>();
let accepted = 0,
  isOver = false,
  open = Number(senders),
  posts = 0;

/** One sender: what it sent is answered before it sends again. */
function run(sender: number): void {
  let socket: Socket,
    startedAt = 0,
    answer = '',
    body = bodies[0];
  const post = (): void => {
    if (isOver) return finish();
    body = bodies[posts++ % bodies.length];
    again();
  };
  const again = (): void => {
    if (isOver) return finish();
    startedAt = performance.now();
    // A key of its own: the same bodies come round again, and are no repetition.
    socket.write(
      `POST /ingest/load-${sender % 8} HTTP/1.1\r\nHost: ${hostname}\r\nIdempotency-Key: ${sender}-${posts}-${startedAt}\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    socket.write(body);
  };
  const finish = (): void => {
    socket.destroy();
    if (--open === 0) report();
  };
  const answered = (status: string, head: string): void => {
    const ms = performance.now() - startedAt;
    if (status === '200') {
      answerMs.push(ms);
      accepted += Number(/"accepted":(\d+)/.exec(answer)?.[1] ?? 0);
      answer = '';
      return post();
    }
    answer = '';
    if (status === '503' && /retry-after: \d/i.test(head)) {
      refusalMs.push(ms);
      const retryMs = Number(/retry-after: (\d+)/i.exec(head)![1]) * 1000;
      setTimeout(again, patience === 'impatient' ? 20 : retryMs * (1 + Math.random() / 2));
    } else {
      others.set(status, (others.get(status) ?? 0) + 1);
      setTimeout(again, 1000);
    }
  };
  const lost = (): void => {
    if (isOver) return;
    others.set('connection lost', (others.get('connection lost') ?? 0) + 1);
    answer = '';
    setTimeout(dial, 100, again);
  };
  const dial = (ready: () => void): void => {
    socket = connect(Number(port), hostname, ready);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.once('close', () => {
      if (answer !== '' || !isOver) lost();
    });
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      const head = answer.indexOf('\r\n\r\n');
      const length = /content-length: (\d+)/i.exec(answer);
      if (head === -1 || length === null || answer.length < head + 4 + Number(length[1])) return;
      answered(answer.slice(9, 12), answer.slice(0, head));
    });
  };
  dial(post);
}

function report(): void {
  const quantiles = (values: number[]): object => {
    values.sort((a, b) => a - b);
    const at = (q: number): number =>
      Math.round(values[Math.min(values.length - 1, Math.floor(values.length * q))] ?? 0);
    return { p50: at(0.5), p99: at(0.99), max: at(1) };
  };
  process.stdout.write(
    JSON.stringify({
      answered: answerMs.length,
      refused: refusalMs.length,
      others: Object.fromEntries(others),
      accepted,
      answerMs: quantiles(answerMs),
      refusalMs: quantiles(refusalMs),
    }),
  );
  process.exit();
}

// Not all in one moment: what four hundred bodies take to be copied into sockets would be measured as the server's.
for (let i = 0; i < Number(senders); i++) setTimeout(run, (RAMP_MS * i) / Number(senders), i);
setTimeout(
  () => {
    isOver = true;
    // Whoever waits for a time to come again is told now; whoever waits for an answer gets it first, or is cut off.
    setTimeout(report, 15_000);
  },
  Number(seconds) * 1000,
);
