// Marks on the timeline: a deploy, with one curl from the script that does it; a note.
import { Annotation, Annotations, NewAnnotation } from '#shared/api.ts';
import type { Store } from '../store/store.ts';
import { query, range, timesOf, type Api } from './route.ts';

export interface AnnotationsDeps {
  store: Pick<Store, 'annotations'>;
  annotated(annotation: Annotation): void;
  now(): number;
}

export function registerAnnotations(app: Api, { store, annotated, now }: AnnotationsDeps): void {
  app.get(
    '/api/annotations',
    { schema: { summary: 'Marks in a time range', querystring: query(range), response: { 200: Annotations } } },
    async ({ query }) => ({ annotations: await store.annotations.list(timesOf(query, now())) }),
  );

  app.post(
    '/api/annotations',
    {
      schema: {
        summary: 'Mark a deploy, or anything else worth seeing next to the counts',
        description: 'curl --json \'{"text":"shop v1.4.2"}\' http://HOST:PORT/api/annotations',
        body: NewAnnotation,
        response: { 201: Annotation },
      },
    },
    async ({ body: { text, kind = 'deploy', source, at = now() } }, reply) => {
      const annotation = await store.annotations.add({ text, kind, source, at });
      annotated(annotation);
      return reply.status(201).send(annotation);
    },
  );
}
