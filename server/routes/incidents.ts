// Incidents: listed, looked into, and what people do to them. The watch holds the logic; these are its doors.
import { Type } from 'typebox';
import { Incident, IncidentDetail, Incidents, NewAck, NewNote, NewSilence, WhyAnswer } from '#shared/api.ts';
import type { Watch } from '../watch/watch.ts';
import { query, range, source, timesOf, type Api } from './route.ts';

export interface IncidentsDeps {
  watch: Watch;
  now(): number;
}

const params = Type.Object({ id: Type.Integer({ minimum: 1 }) });
const LIST_MAX = 500;

export function registerIncidents(app: Api, deps: IncidentsDeps): void {
  registerLookups(app, deps);
  registerActions(app, deps);
}

function registerLookups(app: Api, { watch, now }: IncidentsDeps): void {
  app.get(
    '/api/incidents',
    {
      schema: {
        summary: 'Incidents, newest first',
        description: 'Without from and to: the newest.',
        response: { 200: Incidents },
        querystring: query({
          ...range,
          source,
          open: Type.Optional(Type.Boolean({ description: 'Only those not resolved.' })),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIST_MAX, description: '100 by default.' })),
        }),
      },
    },
    async ({ query: { from, to, ...rest } }) => {
      const times = from === undefined && to === undefined ? {} : timesOf({ from: from ?? '0', to }, now());
      return {
        incidents: await watch.actions.list({ limit: 100, ...times, ...rest }),
        pending: watch.pending.filter((p) => (rest.source ?? p.source) === p.source),
      };
    },
  );

  app.get(
    '/api/incidents/:id',
    {
      schema: {
        summary: 'One incident: diagnosis, evidence, and why it fired',
        params,
        response: { 200: IncidentDetail },
      },
    },
    async ({ params: { id } }) => watch.actions.detail(id),
  );

  app.get(
    '/api/incidents/:id/markdown',
    { schema: { summary: 'One incident as Markdown, for a ticket', params } },
    async ({ params: { id } }, reply) =>
      reply.type('text/markdown; charset=utf-8').send((await watch.actions.detail(id)).markdown),
  );

  app.get(
    '/api/why',
    {
      schema: {
        summary: 'When a source came closest to paging in a time range, and what was missing',
        querystring: query({ ...range, source: Type.String({ maxLength: 120 }) }),
        response: { 200: WhyAnswer },
      },
    },
    async ({ query: { source, ...times } }) => {
      const { from, to } = timesOf(times, now());
      return watch.why(source, from, to);
    },
  );
}

function registerActions(app: Api, { watch }: IncidentsDeps): void {
  app.post(
    '/api/incidents/:id/ack',
    { schema: { summary: 'Acknowledge an incident', params, body: NewAck, response: { 200: Incident } } },
    async ({ params: { id }, body: { by = '' } }) => watch.actions.acknowledge(id, by),
  );

  app.post(
    '/api/incidents/:id/silence',
    {
      schema: {
        summary: 'Silence an incident for this many minutes; 0 ends the silence',
        params,
        body: NewSilence,
        response: { 200: Incident },
      },
    },
    async ({ params: { id }, body: { minutes } }) => watch.actions.silence(id, minutes),
  );

  app.post(
    '/api/incidents/:id/resolve',
    { schema: { summary: 'Resolve an incident', params, body: NewAck, response: { 200: Incident } } },
    async ({ params: { id }, body: { by = '' } }) => watch.actions.resolve(id, by),
  );

  app.post(
    '/api/incidents/:id/note',
    { schema: { summary: 'Add a note to an incident', params, body: NewNote, response: { 200: Incident } } },
    async ({ params: { id }, body: { by = '', text } }) => {
      await watch.actions.note(id, by, text);
      return (await watch.actions.detail(id)).incident;
    },
  );
}
