// One short message at the foot of the dashboard: what was done, or what failed.
import { texts } from '../texts/index.ts';

class Notice {
  text = $state('');
  kind: 'good' | 'bad' = $state('good');
  #timer: ReturnType<typeof setTimeout> | undefined;

  say(text: string, kind: 'good' | 'bad' = 'good'): void {
    clearTimeout(this.#timer);
    this.text = text;
    this.kind = kind;
    this.#timer = setTimeout(() => (this.text = ''), kind === 'bad' ? 8000 : 3000);
  }
}

export const notice = new Notice();

/** Copies text; pages served over plain HTTP have no clipboard API, so the old way is kept as a second try. */
export async function copy(text: string, what = texts.notices.copied): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notice.say(what);
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    notice.say(done ? what : texts.notices.copyFailed, done ? 'good' : 'bad');
  }
}
