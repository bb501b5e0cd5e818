// Posts a log from another process, over plain sockets so that sending costs as little as can be. Lines stay whole.
//   sender.ts FILE URL BODY_BYTES CONNECTIONS  →  {"ms","bodies","accepted"}
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';

const [file, url, bodyBytes, connections] = process.argv.slice(2);
const { hostname, port, pathname } = new URL(url);
const log = readFileSync(file);
const bodies: Buffer[] = [];
for (let start = 0; start < log.length;) {
  const end = Math.min(log.length, log.lastIndexOf(10, start + Number(bodyBytes)) + 1 || log.length);
  bodies.push(log.subarray(start, end));
  start = end;
}

let next = 0,
  answered = 0,
  accepted = 0;
const started = performance.now();

function send(socket: Socket): void {
  if (next === bodies.length) return void socket.end();
  const body = bodies[next++];
  socket.write(`POST ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: ${body.length}\r\n\r\n`);
  socket.write(body);
}

for (let i = 0; i < Number(connections); i++) {
  const socket = connect(Number(port), hostname, () => send(socket));
  let answer = '';
  socket.setNoDelay(true);
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1');
    const head = answer.indexOf('\r\n\r\n');
    const length = /content-length: (\d+)/i.exec(answer);
    if (head === -1 || length === null || answer.length < head + 4 + Number(length[1])) return;
    if (!answer.startsWith('HTTP/1.1 200')) throw new Error(answer.slice(0, 300));
    accepted += Number(/"accepted":(\d+)/.exec(answer)?.[1] ?? 0);
    answer = '';
    if (++answered === bodies.length)
      process.stdout.write(JSON.stringify({ ms: performance.now() - started, bodies: bodies.length, accepted }));
    send(socket);
  });
}
