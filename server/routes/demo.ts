// Sample traffic from the first page: a second server, on a separate port and in a separate data directory.
import { Demo } from '#shared/api.ts';
import { errors } from '../errors.ts';
import type { Api } from './route.ts';

export interface DemoDeps {
  /** Starts it, or finds the one that runs; its address. Undefined where none can be reached from outside. */
  startDemo?: (() => Promise<string>) | undefined;
}

export function registerDemo(app: Api, { startDemo }: DemoDeps): void {
  app.post(
    '/api/demo',
    { schema: { summary: 'Start a separate server with sample traffic', response: { 200: Demo } } },
    async () => {
      if (startDemo === undefined) throw errors.notFound('This server cannot start a demo. Run one with --demo.');
      return { url: await startDemo() };
    },
  );
}
