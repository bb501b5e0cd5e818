// What a person does to an incident, with the name they do it under and what went wrong if it did.
import type { Demo, Incident, Rule, RuleSpec } from '#shared/api.ts';
import { texts } from '../texts/index.ts';
import { ApiFailure, post, put, remove } from './api.ts';
import { live } from './live.svelte.ts';
import { Persisted } from './persisted.svelte.ts';
import { notice } from './notice.svelte.ts';

const t = texts.notices;
export const myName = new Persisted('name', '');

async function attempt<T>(request: () => Promise<T>, done: string): Promise<T | null> {
  try {
    const answer = await request();
    notice.say(done);
    return answer;
  } catch (error) {
    notice.say(error instanceof ApiFailure ? `${error.message} ${error.hint ?? ''}` : String(error), 'bad');
    return null;
  }
}

function act<T>(path: string, body: Record<string, unknown>, done: string): Promise<T | null> {
  const by = myName.current.trim();
  return attempt(() => post<T>(path, by ? { ...body, by } : body), done);
}

async function change(id: number, verb: string, body: Record<string, unknown>, done: string): Promise<void> {
  const answer = await act<Incident | { incident: Incident }>(`/api/incidents/${id}/${verb}`, body, done);
  const incident = answer && ('incident' in answer ? answer.incident : answer);
  if (incident?.id === id) live.putIncident(incident);
}

export const acknowledge = (id: number): Promise<void> => change(id, 'ack', {}, t.acknowledged(id));
export const resolve = (id: number): Promise<void> => change(id, 'resolve', {}, t.resolved(id));
export const silence = (id: number, minutes: number): Promise<void> =>
  change(id, 'silence', { minutes }, minutes ? t.silenced(id, minutes) : t.silenceEnded(id));
/** Answers with the address of the demo. */
export const startDemo = async (): Promise<string | null> =>
  (await attempt(() => post<Demo>('/api/demo', {}), t.demoStarting))?.url ?? null;
export const addNote = async (id: number, text: string): Promise<boolean> =>
  (await act(`/api/incidents/${id}/note`, { text }, t.noteAdded)) !== null;
export const dismiss = (id: number, undo: boolean): Promise<unknown> =>
  act(`/api/findings/${id}/dismiss`, undo ? { undo } : {}, undo ? t.restored : t.dismissed);
export const saveRule = async (spec: RuleSpec): Promise<boolean> =>
  (await attempt(() => post<Rule>('/api/rules', spec), t.ruleSaved(spec.name))) !== null;
export const addPreset = async (name: string, title: string): Promise<boolean> =>
  (await attempt(() => post(`/api/rules/presets/${name}`, {}), t.presetAdded(title))) !== null;
export const switchRule = async (rule: Rule, enabled: boolean): Promise<boolean> =>
  (await attempt(
    () => put<Rule>(`/api/rules/${rule.id}`, { spec: rule.spec, enabled }),
    t.ruleSwitched(rule.spec.name, enabled),
  )) !== null;
export const removeRule = async (id: number): Promise<boolean> =>
  (await attempt(async () => {
    await remove(`/api/rules/${id}`);
    return true;
  }, t.ruleRemoved)) !== null;
