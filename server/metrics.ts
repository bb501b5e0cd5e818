// What Prometheus may want to know of us, as counters since the start of this process.
import type { IngestAnswer } from '#shared/api.ts';
import type { Delta } from './core/count/delta.ts';

const CODES = 1000;
/** Seconds; a commit takes some 5 ms on a quiet machine, and senders give up at about 10 s. */
const COMMIT_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const OUTCOMES = ['accepted', 'rejected', 'skipped', 'duplicate'] as const;

/** What is asked for at the moment of a scrape. */
export interface Gauges {
  sourceName(id: number): string;
  liveClients: number;
  /** Since the start: messages made for pages, and pages that read nothing and were let go. */
  live: Readonly<{ made: number; stalled: number }>;
  openIncidents: Partial<Record<'page' | 'warn', readonly unknown[]>>;
  /** What threw, or was said, by step. */
  troubles: ReadonlyMap<string, number>;
  startedAt: number;
  version: string;
}

export class Metrics {
  readonly #hits = new Map<number, number>();
  readonly #lines: Record<(typeof OUTCOMES)[number], number> = { accepted: 0, rejected: 0, skipped: 0, duplicate: 0 };
  readonly #commits = new Array<number>(COMMIT_BOUNDS.length + 1).fill(0);
  #commitSeconds = 0;
  readonly #answers = new Map<number, number>();
  #waiting = 0;

  committed(delta: Delta): void {
    delta.forEachCount((source, _second, code, count) => {
      const key = source * CODES + code;
      this.#hits.set(key, (this.#hits.get(key) ?? 0) + count);
    });
  }

  /** A batch waits for its commit; call what is returned when it waits no more. */
  submitted(): () => void {
    this.#waiting++;
    return () => {
      this.#waiting--;
    };
  }

  /** One batch was answered, `ms` after it was submitted. */
  batch(answer: IngestAnswer, ms: number): void {
    if (answer.duplicate) this.#lines.duplicate += answer.received;
    else for (const outcome of ['accepted', 'rejected', 'skipped'] as const) this.#lines[outcome] += answer[outcome];
    const at = COMMIT_BOUNDS.findIndex((bound) => ms / 1000 <= bound);
    this.#commits[at === -1 ? COMMIT_BOUNDS.length : at]++;
    this.#commitSeconds += ms / 1000;
  }

  /** A sender got this HTTP status. */
  answered(status: number): void {
    this.#answers.set(status, (this.#answers.get(status) ?? 0) + 1);
  }

  /** Prometheus text exposition format 0.0.4. */
  text(gauges: Gauges): string {
    const out: string[] = [];
    const family = (name: string, type: string, help: string) =>
      out.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    family('fivealarm_build_info', 'gauge', 'Version of this server.');
    out.push(`fivealarm_build_info{version="${label(gauges.version)}"} 1`);
    family('fivealarm_hits_total', 'counter', 'Exchanges counted, by source and status code.');
    for (const [key, count] of this.#hits)
      out.push(
        `fivealarm_hits_total{source="${label(gauges.sourceName(Math.floor(key / CODES)))}",code="${String(key % CODES).padStart(3, '0')}"} ${count}`,
      );
    family('fivealarm_lines_total', 'counter', 'Lines received, by what became of them.');
    for (const outcome of OUTCOMES) out.push(`fivealarm_lines_total{outcome="${outcome}"} ${this.#lines[outcome]}`);
    family('fivealarm_ingest_answers_total', 'counter', 'Answers to senders, by HTTP status.');
    for (const [status, count] of this.#answers)
      out.push(`fivealarm_ingest_answers_total{status="${status}"} ${count}`);
    family('fivealarm_commit_seconds', 'histogram', "From a batch's submission to its durable commit.");
    let sum = 0;
    this.#commits.forEach((count, i) => {
      sum += count;
      out.push(`fivealarm_commit_seconds_bucket{le="${COMMIT_BOUNDS[i] ?? '+Inf'}"} ${sum}`);
    });
    out.push(`fivealarm_commit_seconds_sum ${this.#commitSeconds}`, `fivealarm_commit_seconds_count ${sum}`);
    family('fivealarm_queued_batches', 'gauge', 'Batches waiting for their commit.');
    out.push(`fivealarm_queued_batches ${this.#waiting}`);
    family('fivealarm_live_clients', 'gauge', 'Pages connected to /live.');
    out.push(`fivealarm_live_clients ${gauges.liveClients}`);
    family('fivealarm_live_messages_made_total', 'counter', 'Messages made for pages, however many got each.');
    out.push(`fivealarm_live_messages_made_total ${gauges.live.made}`);
    family('fivealarm_live_stalled_total', 'counter', 'Pages that read nothing for ten seconds and were let go.');
    out.push(`fivealarm_live_stalled_total ${gauges.live.stalled}`);
    family('fivealarm_incidents_open', 'gauge', 'Incidents that are not resolved.');
    for (const severity of ['page', 'warn'] as const)
      out.push(`fivealarm_incidents_open{severity="${severity}"} ${gauges.openIncidents[severity]?.length ?? 0}`);
    family(
      'fivealarm_troubles_total',
      'counter',
      "Parts of this server's own work that failed while the rest went on, by step.",
    );
    for (const [step, count] of gauges.troubles) out.push(`fivealarm_troubles_total{step="${label(step)}"} ${count}`);
    const { rss, heapUsed } = process.memoryUsage();
    const cpu = process.cpuUsage();
    family('process_start_time_seconds', 'gauge', 'Start of the process, in seconds since the epoch.');
    out.push(`process_start_time_seconds ${gauges.startedAt / 1000}`);
    family('process_cpu_seconds_total', 'counter', 'CPU time used.');
    out.push(`process_cpu_seconds_total ${(cpu.user + cpu.system) / 1e6}`);
    family('process_resident_memory_bytes', 'gauge', 'Resident memory.');
    out.push(`process_resident_memory_bytes ${rss}`);
    family('process_heap_bytes', 'gauge', 'JavaScript heap in use.');
    out.push(`process_heap_bytes ${heapUsed}`);
    return `${out.join('\n')}\n`;
  }
}

const label = (text: string): string => text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
