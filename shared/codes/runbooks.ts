// What to do when one of the four rises: who failed, when one sees it, what to check, and how it differs from the other three.
import type { CodeRunbook } from './code.ts';

export const runbooks: readonly CodeRunbook[] = [
  {
    code: 500,
    whoFailed:
      'The application: its code ran and failed. (Rarely the proxy itself: then the log line names no upstream.)',
    whenSeen: [
      'after a deploy or a migration',
      'on one route whose data or code is bad',
      'on one instance with a broken build, full disk or wrong configuration',
      'when a shared dependency throws instead of timing out',
    ],
    check: [
      "The application's log at the first failure: the stack trace names the line.",
      'Was something deployed or switched on minutes before? Roll it back first.',
      'One route, one instance, or all? That halves the search at once.',
      "Does the log line name an upstream? If not, look at the proxy's error log: a rewrite loop or a script.",
    ],
    differs: [
      { code: 502, how: 'there the application gave no usable answer; here it answered, with an error' },
      { code: 503, how: 'there it turned the work away on purpose; here it tried and failed' },
      { code: 504, how: 'there it never finished in time; here it finished, badly' },
    ],
  },
  {
    code: 502,
    whoFailed:
      "The link between proxy and backend, or the backend's answer. The backend may look healthy from its own machine.",
    whenSeen: [
      'the process is down, restarting, or on another port',
      'it crashes or is killed while it works',
      "its keep-alive time is shorter than the proxy's",
      'its response header is too large, or the port speaks TLS or HTTP/2',
      'the proxy has marked every instance as failed',
    ],
    check: [
      'Was the connection established? (nginx: $upstream_connect_time; HAProxy: Tc and the termination state.) No: process, port, firewall, name.',
      'Did a header come? (nginx: $upstream_header_time.) No: crash, OOM kill, keep-alive race, oversized or invalid header.',
      'Both: the backend is a gateway and sent the 502 itself; look one hop further.',
      "The proxy's error log says it in words.",
    ],
    differs: [
      { code: 500, how: 'there the application answered with an error of its own' },
      {
        code: 503,
        how: 'there it was a decision not to serve; note that HAProxy and Envoy say 503 where nginx says 502 for a refused connection',
      },
      { code: 504, how: 'there the proxy waited to its limit; a 502 mostly comes at once' },
    ],
  },
  {
    code: 503,
    whoFailed:
      "Capacity, at one of four levels: the application sheds load, no instance is in rotation, the proxy's queue is full, or a limiter says no.",
    whenSeen: [
      'during deploys and restarts, often falling in steps as instances return',
      'when load outgrows workers or connection slots',
      'when health checks fail everywhere at once',
      "when nginx's rate limiter fires: 503 is its default",
    ],
    check: [
      'Did the request reach an instance? (An upstream address and a header time; HAProxy: state "--".) Yes: the application said so, ask it why.',
      'HAProxy <NOSRV>, Envoy UH, ALB without target: nobody in rotation. Health checks and the last deploy.',
      'HAProxy sQ, Envoy UO, IIS QueueFull: queue or connection limit. Slow backend or too small a limit.',
      'nginx with no upstream at all: the limiter. "limiting requests" in the error log.',
    ],
    differs: [
      { code: 500, how: 'there it was not deliberate' },
      { code: 502, how: 'there an attempt was made and broke; a 503 is mostly a decision' },
      { code: 504, how: 'there it took too long; a queue that times out is 503' },
    ],
  },
  {
    code: 504,
    whoFailed:
      "The backend's speed (the connection stood, no answer came in time), or the way to it (the connection never stood).",
    whenSeen: [
      'slow queries, locks, an exhausted connection pool',
      'a dependency that hangs',
      'packets dropped by a firewall or a dead host',
      'a time limit shorter than honest work: exports, uploads',
    ],
    check: [
      'Did the connection stand? No: network, firewall, full accept queue. Yes: the backend is slow.',
      'Are durations pinned at one round value? Then it is a time limit, and which one tells whose.',
      'Latency of the same route before the spike: rising slowly is load, a jump is a lock or a deploy.',
      'What does it wait for? Long queries, locks, calls to other services.',
    ],
    differs: [
      { code: 500, how: 'there the application finished' },
      { code: 502, how: 'there the connection broke; here it was kept open and silent' },
      { code: 503, how: 'there you are told to retry; here you waited in vain' },
    ],
  },
];
