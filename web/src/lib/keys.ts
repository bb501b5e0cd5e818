// The keyboard, in one table: the handler and the help read the same rows, and nothing fires while the visitor types.
import { texts } from '../texts/index.ts';
import { acknowledge } from './actions.svelte.ts';
import { byUrgency, isOpen } from './incidents.ts';
import { live } from './live.svelte.ts';
import { overlay } from './overlay.svelte.ts';
import { playback } from './playback.svelte.ts';
import { router } from './router.svelte.ts';
import { theme } from './theme.svelte.ts';
import { range } from './time-range.svelte.ts';

const t = texts.keys;

export interface Key {
  keys: string;
  what: string;
  run: () => void;
}

const go = (path: string) => () => router.go(router.link(path));
/** The incident that is open, else the most urgent that is not acknowledged. */
function incident(): number | null {
  const here = /^\/incidents\/(\d+)$/.exec(router.path)?.[1];
  if (here) return Number(here);
  return live.incidents.filter((i) => isOpen(i) && !i.acknowledged).sort(byUrgency)[0]?.id ?? null;
}

export const KEYS: readonly Key[] = [
  { keys: '?', what: t.help, run: () => overlay.toggle('help') },
  { keys: 'Mod+k', what: t.palette, run: () => overlay.toggle('palette') },
  { keys: '/', what: t.filter, run: () => focusFilter() },
  { keys: 'Space', what: t.pause, run: () => playback.toggle() },
  {
    keys: 'a',
    what: t.acknowledge,
    run: () => {
      const id = incident();
      if (id !== null) void acknowledge(id);
    },
  },
  {
    keys: 'Enter',
    what: t.runbook,
    run: () => {
      const first = live.incidents.filter(isOpen).sort(byUrgency)[0];
      if (first && router.path === '/') router.go(router.link(`/incidents/${first.id}`));
    },
  },
  {
    keys: 'Escape',
    what: t.clear,
    run: () => {
      playback.catchUp();
      router.set({ class: null, code: null, source: null, q: null });
    },
  },
  { keys: 'z', what: t.zoomOut, run: () => range.zoomOut() },
  { keys: 't', what: t.theme, run: () => theme.next() },
  { keys: 'g o', what: t.now, run: go('/') },
  { keys: 'g i', what: t.incidents, run: go('/incidents') },
  { keys: 'g e', what: t.explore, run: go('/explore') },
  { keys: 'g s', what: t.sources, run: go('/sources') },
  { keys: 'g c', what: t.codes, run: go('/codes') },
  { keys: 'g r', what: t.rules, run: go('/rules') },
  { keys: 'g k', what: t.contract, run: go('/contract') },
  { keys: 'g u', what: t.setup, run: go('/setup') },
];

/** The view's own search box where it has one, else the palette. */
function focusFilter(): void {
  const box = document.querySelector<HTMLInputElement>('main input[type="search"]');
  if (box) box.focus();
  else overlay.show('palette');
}

const CHORD_MS = 1200;
let pending = '';
let pendingAt = 0;

export function onKey(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  const typing = target.matches('input, textarea, select, [contenteditable="true"]');
  const mod = event.metaKey || event.ctrlKey;
  if (event.defaultPrevented || event.altKey || event.isComposing || (typing && !mod)) return;
  if (document.querySelector('dialog[open]') && !mod) return;
  // A focused control keeps its own keys.
  if (
    (event.key === ' ' || event.key === 'Enter') &&
    target.matches('button, a, summary, [role="slider"], [role="tab"], pre')
  )
    return;
  const name = event.key === ' ' ? 'Space' : event.key;
  const pressed = mod ? `Mod+${name.toLowerCase()}` : name;
  const chord = pending && event.timeStamp - pendingAt < CHORD_MS ? `${pending} ${pressed}` : '';
  const hit = KEYS.find((k) => k.keys === chord) ?? KEYS.find((k) => k.keys === pressed);
  pending = !hit && !mod && KEYS.some((k) => k.keys.startsWith(`${pressed} `)) ? pressed : '';
  pendingAt = event.timeStamp;
  if (!hit) return;
  event.preventDefault();
  hit.run();
}

const mac = /Mac|iPhone|iPad/.test(navigator.platform);
/** `Mod+k` as the visitor's keyboard has it. */
export const keyText = (keys: string): string =>
  keys
    .replace('Mod+k', mac ? '⌘K' : t.ctrlK)
    .replace('Escape', t.escape)
    .replace('Space', t.space)
    .replace('Enter', '↵');
