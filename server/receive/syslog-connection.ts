// One TCP connection of a syslog sender: its bytes to messages, and what its silence and its end mean.
import type { Socket } from 'node:net';
import { SyslogFrames, type SyslogSink } from './syslog-frames.ts';

/** A connection that says nothing for this long is gone: its peer would not tell. */
const IDLE_MS = 30 * 60_000;

interface Intake extends SyslogSink {
  /** No more may come for now. */
  readonly isFull: boolean;
}

export class Connection {
  readonly #socket: Socket;
  readonly #frames: SyslogFrames;
  readonly #silence: NodeJS.Timeout;
  #hasCome = false;

  constructor(socket: Socket, intake: Intake, silenceMs: number) {
    this.#socket = socket;
    this.#frames = new SyslogFrames(intake);
    this.#silence = setTimeout(() => this.#fellSilent(), silenceMs);
    socket.setTimeout(IDLE_MS, () => this.break());
    socket.on('data', (bytes: Buffer) => {
      this.#hasCome = true;
      this.#silence.refresh();
      this.#frames.write(bytes);
      if (intake.isFull) socket.pause();
    });
    socket.on('end', () => this.#end(false));
    socket.on('error', () => this.break());
  }

  resume(): void {
    this.#socket.resume();
  }

  /** What it has brought is all there is. */
  break(): void {
    this.#end(true);
    this.#socket.destroy();
  }

  #end(isBroken: boolean): void {
    clearTimeout(this.#silence);
    this.#frames.silence();
    this.#frames.end(isBroken);
  }

  #fellSilent(): void {
    this.#hasCome = false;
    // After a pause of ours, what came meanwhile is read first.
    setImmediate(() => {
      if (this.#hasCome || this.#socket.destroyed) return;
      if (this.#socket.isPaused()) this.#silence.refresh();
      else this.#frames.silence();
    });
  }
}
