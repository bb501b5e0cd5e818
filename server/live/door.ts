// The door of the live socket: who is let in, which view a client asks for, and how it is let go.
import type { IncomingMessage } from 'node:http';
import type { RawData, WebSocket } from 'ws';
import type { Ask } from '#shared/live.ts';
import type { Access } from '../access.ts';

const SOURCE_LENGTH_MAX = 120;
const CLIENTS_MAX = 5000;
/** A client gets so long to read why it is let go. */
export const CLOSE_MS_MAX = 1000;

export const viewed = (source: string | null): string | null =>
  source === null || source === '' || source.length > SOURCE_LENGTH_MAX ? null : source;

/** The source that a client asks for, null for all; undefined when it asks for nothing that there is. */
export function askedOf(data: RawData): string | null | undefined {
  try {
    const { view } = JSON.parse(String(data)) as { view: Partial<Ask['view']> },
      { source = null } = view;
    if (typeof view !== 'object') return undefined;
    return source === null || typeof source === 'string' ? viewed(source) : undefined;
  } catch {
    return undefined;
  }
}

/** The status line to refuse with, if any. */
export function refusalOf(request: IncomingMessage, access: Access, clients: number): string | undefined {
  if (
    !URL.canParse(request.url ?? '/', 'http://live') ||
    new URL(request.url ?? '/', 'http://live').pathname !== '/live'
  )
    return '404 Not Found';
  if (!access.hostAllowed(request.headers.host) || !access.originAllowed(request.headers)) return '403 Forbidden';
  return clients >= CLIENTS_MAX ? '503 Service Unavailable\r\nRetry-After: 5' : undefined;
}

export function refuse(socket: WebSocket, why: string): void {
  socket.close(1008, why);
  letGo(socket);
}

/** It has been told why, and gets a moment to read that; what it goes on to send is left unread. */
export function letGo(socket: WebSocket): void {
  socket.pause();
  setTimeout(() => socket.terminate(), CLOSE_MS_MAX).unref();
}
